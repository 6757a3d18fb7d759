"""The facts of pages of conditions, articles and safety as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from conditions.domain.structured_data import article_data, condition_page_data, safety_data
from conditions.models import Article, Condition, SafetyFact
from studies.domain.reference import SITE
from studies.templatetags.metadata import data_block

register = template.Library()


@register.simple_tag
def condition_facts(condition: Condition, article: Article | None) -> SafeString:
    """The facts of a condition's page; its synonyms should be fetched as `also_called`."""
    synonyms: Any = getattr(condition, "also_called", [])
    url = settings.PUBLIC_URL + condition.get_absolute_url()
    return data_block(condition_page_data(condition, synonyms=synonyms, article=article, url=url))


@register.simple_tag
def article_facts(article: Article) -> SafeString:
    """The facts of an article's own page."""
    return data_block(article_data(article, url=settings.PUBLIC_URL + article.get_absolute_url()))


@register.simple_tag
def safety_facts(facts: Iterable[SafetyFact]) -> SafeString:
    """The facts of the safety page: what stands on it under its first heading."""
    return data_block(
        safety_data([fact.headline for fact in facts], url=settings.PUBLIC_URL + reverse("safety"))
    )


@register.simple_tag
def site_facts() -> SafeString:
    """The site itself, and where it is searched."""
    home = settings.PUBLIC_URL + reverse("home")
    target = f"{settings.PUBLIC_URL}{reverse('search')}?q={{search_term_string}}"
    search = {"@type": "SearchAction", "target": target, "query-input": "required name=search_term_string"}
    return data_block(
        [{"@type": "WebSite", "@id": home, "url": home, "name": SITE, "potentialAction": search}]
    )
