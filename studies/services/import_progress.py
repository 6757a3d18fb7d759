"""How far a worker has come with an import: kept beside its transaction, which nobody sees into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

# A worker that has said nothing for so long is dead: the page then offers to do it again. The longest silence
# of a living one is the reading of the largest file, before its entries are counted.
KEPT_SECONDS = 5 * 60


@dataclass(frozen=True)
class ImportProgress:
    """`done` of `total` entries (0 of 0 until they are counted), and what is done: reading or saving."""

    doing: str
    done: int
    total: int


@contextmanager
def telling_progress(*, pk: int, doing: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that tells how many entries of how many are done, until the end."""

    def tell(done: int, total: int) -> None:
        cache.set(_key(pk), (doing, done, total), timeout=KEPT_SECONDS)

    tell(0, 0)
    try:
        yield tell
    finally:
        cache.delete(_key(pk))


def progress_of(*, pk: int) -> ImportProgress | None:
    """Return how far an import has come, None when nothing is being done with it or nobody can tell."""
    try:
        said = cache.get(_key(pk))
    except RedisError:
        return None
    return ImportProgress(*said) if said else None


def _key(pk: int) -> str:
    return f"ldn-kb:import:{pk}"
