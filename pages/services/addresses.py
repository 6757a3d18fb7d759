"""Our own address, and which are published: pages that say the same to everybody until the records change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http.request import validate_host
from django.urls import Resolver404, resolve, reverse

from conditions.models import Article, Claim, Condition, Release
from studies.models import SideEffect, Study, Trial

Arguments = Iterator[dict[str, Any]]


def _one() -> Arguments:
    yield {}


def _each(rows: Callable[[], QuerySet[Any]], field: str, argument: str) -> Callable[[], Arguments]:
    def arguments() -> Arguments:
        values = rows().order_by(field).values_list(field, flat=True)
        return ({argument: value} for value in values.iterator(chunk_size=2000))

    return arguments


def _studies() -> QuerySet[Study]:
    return Study.objects.published()


# Name of the address and the arguments of each of its pages, in the order in which they are published:
# what most readers come for first, what there is most of last.
PUBLISHED: dict[str, Callable[[], Arguments]] = {
    "home": _one,
    "conditions": _one,
    "safety": _one,
    "condition": _each(Condition.objects.all, "slug", "slug"),
    "sheet": _each(Condition.objects.conditions_only, "slug", "slug"),
    "condition-feed": _each(Condition.objects.all, "slug", "slug"),
    "studies": _one,
    "doses": _one,
    "side-effects": _one,
    "claims": _one,
    "trials": _one,
    "methods": _one,
    "glossary": _one,
    "about": _one,
    "changes": _one,
    "changes-feed": _one,
    "notices-feed": _one,
    "releases": _one,
    "robots": _one,
    "llms": _one,
    "articles": _one,
    "reading-list": _one,
    "article": _each(lambda: Article.objects.published().filter(condition=None), "slug", "slug"),
    "release": _each(Release.objects.all, "name", "name"),
    "side-effect": _each(SideEffect.objects.all, "slug", "slug"),
    "claim": _each(Claim.objects.all, "slug", "slug"),
    "trial": _each(Trial.objects.all, "registry_id", "registry_id"),
    "study": _each(_studies, "key", "key"),
    "api-study-detail": _each(_studies, "key", "key"),
}


def find_addresses() -> Iterator[str]:
    """Yield the path of every page that is published, most read kinds first; rows are read in chunks."""
    for name, arguments in PUBLISHED.items():
        for kwargs in arguments():
            yield reverse(name, kwargs=kwargs)


def is_published_kind(path: str) -> bool:
    """Whether a path has the form of a published page; there may still be no such page."""
    try:
        return resolve(path).view_name in PUBLISHED
    except Resolver404:
        return False


def own_address() -> dict[str, str]:
    """Return the part of a WSGI environment that says under which address the site was asked: its own."""
    site = urlsplit(settings.PUBLIC_URL)
    environ = {
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if site.scheme == "https" else 80)),
        "HTTP_HOST": site.netloc if _is_allowed(site.hostname) else "localhost",
        "wsgi.url_scheme": site.scheme,
    }
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        environ[name] = value if site.scheme == "https" else site.scheme
    return environ


def _is_allowed(host: str | None) -> bool:
    return host is not None and validate_host(host, settings.ALLOWED_HOSTS)
