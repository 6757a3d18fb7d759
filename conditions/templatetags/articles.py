"""Links from the site's own pages to the articles that say more."""

from __future__ import annotations

from django import template

from conditions.models import Article

register = template.Library()


@register.inclusion_tag("conditions/_read_more.html")
def read_more(*slugs: str) -> dict[str, list[Article]]:
    """A line with the published articles of these slugs, in this order; nothing where there is none."""
    found = Article.objects.published().filter(slug__in=slugs).select_related("condition")
    by_slug = found.in_bulk(field_name="slug")
    return {"articles": [by_slug[slug] for slug in slugs if slug in by_slug]}
