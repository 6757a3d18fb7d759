"""What a page says of itself to programs: its head, its reference, and its facts as JSON-LD."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.base import Node, NodeList, Parser, Token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from studies.domain.embedded import coins, highwire_tags
from studies.domain.reference import SITE, Item
from studies.domain.structured_data import (
    Data,
    crumbs_data,
    dataset_data,
    study_data,
    trial_data,
    write_json_ld,
)
from studies.models import Study, Trial
from studies.services.exporting import FORMATS, TABLE_FORMATS

register = template.Library()
# Search engines show no more of a description.
DESCRIPTION = 300


@register.tag
def page_head(parser: Parser, token: Token) -> Node:  # noqa: ARG001 - as Django calls it
    """{% page_head %}the title{% title_ends %}its end{% describes %}the description{% end_page_head %}"""
    title = parser.parse(("title_ends",))
    parser.delete_first_token()
    end = parser.parse(("describes",))
    parser.delete_first_token()
    description = parser.parse(("end_page_head",))
    parser.delete_first_token()
    return PageHead(title, end, description)


class PageHead(Node):
    """Title and description, each said once and printed for browsers, search engines and Open Graph."""

    child_nodelists = ("title", "end", "description")

    def __init__(self, title: NodeList, end: NodeList, description: NodeList) -> None:
        self.title, self.end, self.description = title, end, description

    def render(self, context: template.Context) -> SafeString:
        title = _line(self.title.render(context))
        request = context.get("request")
        path = request.path if request else "/"
        number = request.GET.get("page", "") if request else ""
        is_later = number.isascii() and number.isdigit() and number != "1"
        address = f"{settings.PUBLIC_URL}{path}{f'?page={number}' if is_later else ''}"
        language = get_language() or "en"
        return format_html(
            '<title>{title}{end}</title>\n<meta name="description" content="{description}">\n'
            '<link rel="canonical" href="{address}">\n'
            '<link rel="alternate" hreflang="{language}" href="{address}">\n'
            '<link rel="alternate" hreflang="x-default" href="{address}">\n'
            '<meta property="og:type" content="website"><meta property="og:site_name" content="{site}">'
            '<meta property="og:title" content="{title}">'
            '<meta property="og:description" content="{description}">'
            '<meta property="og:url" content="{address}">',
            title=title,
            end=mark_safe(self.end.render(context)),  # noqa: S308 - rendered by a template
            description=_shortened(_line(self.description.render(context))),
            address=address,
            language=language,
            site=gettext(SITE),
        )


def _line(html: str) -> SafeString:
    return mark_safe(" ".join(html.split()))  # noqa: S308 - rendered by a template, which has escaped it


def _shortened(html: SafeString) -> SafeString:
    """At most DESCRIPTION characters, cut between words, outside of an escaped sign."""
    if len(html) <= DESCRIPTION:
        return html
    return mark_safe(f"{html[:DESCRIPTION].rpartition(' ')[0]} …")  # noqa: S308 - a sign holds no blank


def data_block(parts: list[Data]) -> SafeString:
    """JSON-LD in a script element, which browsers do not run: its type is no language of theirs."""
    text = mark_safe(write_json_ld(parts))  # noqa: S308 - write_json_ld leaves no sign of HTML in it
    return format_html('<script type="application/ld+json">{}</script>', text)


@register.simple_tag
def reference_tags(item: Item) -> SafeString:
    """Highwire's tags of the paper that the page is about."""
    return format_html_join("\n", '<meta name="{}" content="{}">', highwire_tags(item))


@register.simple_tag
def coins_span(item: Item) -> SafeString:
    """The paper as a COinS span."""
    return format_html('<span class="Z3988" title="{}"></span>', coins(item))


@register.simple_tag
def study_facts(study: Study, item: Item, conditions: list[dict[str, Any]]) -> SafeString:
    """The facts of a study's page."""
    pages = [
        {"name": entry["name"], "url": _condition_url(entry["slug"])}
        for entry in conditions
        if not entry["is_topic"]
    ]
    return data_block(study_data(study, item, conditions=pages, url=_whole(study.get_absolute_url())))


@register.simple_tag
def trial_facts(trial: Trial) -> SafeString:
    """The facts of a registered trial's page."""
    links = [link.condition for link in trial.trial_conditions.all()]
    pages = [{"name": c.name, "url": _condition_url(c.slug)} for c in links if not c.is_topic]
    return data_block(trial_data(trial, conditions=pages, url=_whole(trial.get_absolute_url())))


@register.simple_tag
def dataset_facts(n_studies: int) -> SafeString:
    """The corpus as a data set, with its files."""
    names = [*(form.suffix for form in TABLE_FORMATS), "csl.json"]
    files = [(_whole(reverse("studies-export", args=[name])), FORMATS[name].content_type) for name in names]
    return data_block([dataset_data(url=_whole(reverse("studies")), files=files, n_studies=n_studies)])


@register.simple_tag(takes_context=True)
def crumbs_facts(context: template.Context, here: str, parent: str = "", parent_url: str = "") -> SafeString:
    """The way to the page."""
    request = context.get("request")
    middle = [(str(parent), _whole(parent_url))] if parent else []
    last = _whole(request.path) if request else settings.PUBLIC_URL
    return data_block([crumbs_data([(gettext("Home"), _whole(reverse("home"))), *middle, (str(here), last)])])


def _condition_url(slug: str) -> str:
    return _whole(reverse("condition", args=[slug]))


def _whole(path: Any) -> str:
    return f"{settings.PUBLIC_URL}{path}"
