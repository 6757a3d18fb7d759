"""The public pages and when each changed last, for search engines (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.urls import reverse

from conditions.models import Pool
from pages.models import Page
from pages.services.addresses import PUBLISHED

# The protocol allows 50,000 addresses in a file.
PART = 45_000
CHUNK = 1_000
# Published, but no page for readers to find: files of programs, and the list of one reader.
NO_PAGES = {
    "condition-feed",
    "changes-feed",
    "notices-feed",
    "api-study-detail",
    "reading-list",
    "robots",
    "llms",
}


@dataclass(frozen=True)
class Entry:
    """A page; `changed_at` is None until it has been published once."""

    path: str
    changed_at: datetime | None


def count_parts() -> int:
    """Return into how many files the addresses go, at least one."""
    return max(1, -(-sum(1 for _ in _addresses()) // PART))


def find_entries(*, part: int) -> Iterator[Entry]:
    """Yield the pages of one file, numbered from 1; none beyond the last."""
    chosen = islice(_addresses(), (part - 1) * PART, part * PART)
    while chunk := list(islice(chosen, CHUNK)):
        changed = dict(Page.objects.filter(path__in=chunk).values_list("path", "changed_at"))
        yield from (Entry(path, changed.get(path)) for path in chunk)


def _addresses() -> Iterator[str]:
    for name, arguments in PUBLISHED.items():
        if name not in NO_PAGES:
            for kwargs in arguments():
                yield reverse(name, kwargs=kwargs)
    # Not published, as a reader may ask for them in other ways; each is a page all the same.
    for pool in Pool.objects.select_related("condition").order_by("condition__slug", "slug"):
        yield pool.get_absolute_url()
