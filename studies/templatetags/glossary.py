"""Terms explained where they first stand on a page: a button and a pop-up in HTML alone, without scripts."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from studies.domain.glossary import Term
from studies.services.glossary import load_glossary
from studies.services.speech import RECORDS_LANGUAGE, is_records_language

register = template.Library()


@register.simple_tag(takes_context=True)
def with_terms(context: template.Context, text: str) -> SafeString:
    """A text, or HTML that is safe, with the first use on this page of each term explained."""
    html = load_glossary().explain(conditional_escape(text), _known(context), _explained)
    return mark_safe(html)  # noqa: S308 - escaped or safe before, and _explained escapes what it adds


@register.simple_tag(takes_context=True)
def term(context: template.Context, slug: str, words: str = "") -> SafeString:
    """One term by its slug, explained if this page has not done so yet; `words` stand in its place."""
    found, known = load_glossary().by_slug[slug], _known(context)
    shown = conditional_escape(words or found.name)
    if slug in known:
        return shown
    known.add(slug)
    return mark_safe(_explained(found, shown))  # noqa: S308 - made of escaped parts


def _known(context: template.Context) -> set[str]:
    """What this page has explained so far; on the request, the one thing that included templates share."""
    request = context["request"]
    if not hasattr(request, "terms_explained"):
        request.terms_explained = set()
    return request.terms_explained


def _explained(term: Term, word: str) -> str:
    return format_html(
        '<button type="button" class="term" popovertarget="term-{0}">{1}</button>'
        '<span class="meaning" id="term-{0}" popover{3}>{2}</span>',
        term.slug,
        mark_safe(word),  # noqa: S308 - a piece of HTML that was safe, or escaped
        term.meaning,
        "" if is_records_language() else format_html(' lang="{}"', RECORDS_LANGUAGE),
    )
