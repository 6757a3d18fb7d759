"""What a reading list shows, and the link that shares it. Nothing about a list is kept here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from conditions.models import Condition
from readers.domain.reading_list import read_keys
from studies.models import Study

_KINDS = ("studies/", "conditions/")
# A list of MOST_KEYS of the longest keys stays below this.
MOST_LINK = 6000
_signer = Signer(salt="readers.reading_list")


@dataclass(frozen=True)
class Item:
    """A key with what stands behind it now; neither where the page is gone."""

    key: str
    study: Study | None = None
    condition: Condition | None = None


def find_items(*, keys: Sequence[str]) -> list[Item]:
    """Return an item for each key, in their order, with what the records say of it today.

    Args:
        keys: as read_keys returns them.
    """
    slugs = {kind: [key.partition("/")[2] for key in keys if key.startswith(kind)] for kind in _KINDS}
    studies = Study.objects.published().in_bulk(slugs["studies/"], field_name="key")
    conditions = Condition.objects.in_bulk(slugs["conditions/"], field_name="slug")
    return [
        Item(
            key,
            study=studies.get(slug) if kind == "studies" else None,
            condition=conditions.get(slug) if kind == "conditions" else None,
        )
        for key in keys
        for kind, _, slug in [key.partition("/")]
    ]


def sign_keys(*, keys: Sequence[str]) -> str:
    """Return a list as one word for an address: only the keys, signed so that nobody else makes such links.

    It holds no date and never ends; it is void when the site's SECRET_KEY changes. Whoever has it can read
    the keys.
    """
    return _signer.sign_object(list(keys), compress=True)


def read_link(*, signed: str) -> list[str] | None:
    """Return the keys that sign_keys was given, or None for a word that it did not make."""
    try:
        values = _signer.unsign_object(signed) if len(signed) <= MOST_LINK else None
    except (BadSignature, ValueError):
        return None
    return read_keys(values) if isinstance(values, list) else None
