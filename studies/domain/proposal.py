"""What an editor is told of a proposal: its values, and whether it may be taken without a second thought."""

from __future__ import annotations

from collections.abc import Sequence

from studies.domain.wording import are_same_authors, expand_pages, normalise_title


def is_safe(field: str, old: object, new: object) -> bool:
    """True when the new value says all that the old one says, and only adds to it.

    Never for the title, identifiers, the year and registration numbers: a wrong one makes the entry another
    paper's, and a longer title may be that of a second report.

    >>> is_safe("pages", "529", "529-38"), is_safe("pages", "529", "629-38"), is_safe("year", None, 2013)
    (True, False, False)
    >>> is_safe("authors", ["Younger J"], ["Younger J", "Noor N"]), is_safe("authors", ["Noor N"], ["Wu A"])
    (True, False)
    >>> is_safe("title", "Naltrexone for pain", "Naltrexone for pain: a secondary analysis")
    False
    """
    if field == "authors" and isinstance(old, Sequence) and isinstance(new, Sequence):
        return 0 < len(old) <= len(new) and are_same_authors(list(old), list(new)[: len(old)])
    if not isinstance(old, str) or not isinstance(new, str) or not old.strip():
        return False
    if field == "pages":
        return expand_pages(new).casefold().startswith(expand_pages(old).casefold() + "-")
    if field in {"journal", "journal_abbrev"}:
        return _abbreviates(normalise_title(old).split(), normalise_title(new).split())
    return False


def value_in_words(value: object) -> str:
    """Return a field's value as an editor reads it; a list with commas, "" for none.

    >>> value_in_words(["Younger J", "Noor N"]), value_in_words(2013), value_in_words(None)
    ('Younger J, Noor N', '2013', '')
    """
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """True for "J Clin Med" and "Journal of clinical medicine": word by word a beginning of it."""
    full = [word for word in long if word not in {"of", "the", "and", "in", "for"}]
    kept = [word for word in short if word not in {"of", "the", "and", "in", "for"}]
    return len(kept) > 1 and len(kept) == len(full) and all(map(str.startswith, full, kept))
