"""What a registry says of a paper, and how it compares with what a record says.

Every registry's answer becomes the same facts, so that the rest of the program never meets a provider's
format. A field is None or () when the registry did not say it; that is never a reason to empty a record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Generic, Literal, TypeVar

from studies.domain.wording import (
    are_same_authors,
    expand_pages,
    normalise_title,
    squash,
    squash_journal,
)

RegistryName = Literal["crossref", "pubmed", "openalex", "europepmc", "clinicaltrials", "retraction_watch"]
Facts = TypeVar("Facts")
NoticeKind = Literal[
    "retraction",
    "retraction and republication",
    "withdrawal",
    "concern",
    "correction",
    "reinstatement",
    "unknown",
]


class AnswerError(ValueError):
    """A registry's answer that cannot be used; the message says why and holds no personal data."""


@dataclass(frozen=True)
class NoticeFacts:
    """One notice about the paper itself.

    `date` is set only when the registry names the day; `date_text` is what it said ("2010-02", "2010 Feb").
    `asserted_by` is who says so: publisher, retraction-watch, pubmed, title.
    """

    kind: NoticeKind
    raw_kind: str
    notice_doi: str | None = None
    notice_pmid: int | None = None
    date: date | None = None
    date_text: str | None = None
    asserted_by: str | None = None


@dataclass(frozen=True)
class PaperFacts:
    """A paper as one registry describes it. `notices` holds only notices about this paper.

    `is_notice`: the record is itself a retraction, concern or correction of another paper; the paper that
    it names is not this one, and a notice of retraction is not retracted by being one.
    `first_author` is a whole name, for the identity check alone, from a registry that does not say where the
    surname begins.
    """

    registry: RegistryName
    title: str | None = None
    authors: tuple[str, ...] = ()
    first_author: str | None = None
    journal: str | None = None
    journal_abbrev: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: int | None = None
    pmcid: str | None = None
    registry_ids: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    notices: tuple[NoticeFacts, ...] = ()
    is_notice: bool = False


class RegistryEntry(Generic[Facts]):
    """What a registry says of one paper or trial: the part of its answer, fit to be stored, and the facts.

    The facts are read out of the answer when somebody wants them: of an answer that is on record word for
    word nobody does. `doi` and `pmid` are those it can be asked for by, where the registry has them.
    """

    def __init__(
        self, body: str, read: Callable[[], Facts], *, doi: str | None = None, pmid: int | None = None
    ) -> None:
        self.body = body
        self.doi = doi
        self.pmid = pmid
        self._read = read

    @cached_property
    def facts(self) -> Facts:
        """What the answer means; total, like every parser."""
        return self._read()

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the stored part; it changes only when the registry's words do."""
        return hashlib.sha256(self.body.encode()).hexdigest()


PaperEntry = RegistryEntry[PaperFacts]

# Fields of a study that a registry may fill or propose, in the order of a reference.
BIBLIOGRAPHIC_FIELDS = (
    "title",
    "authors",
    "journal",
    "journal_abbrev",
    "year",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "registry_ids",
)


@dataclass(frozen=True)
class Difference:
    """A field where a registry says something that the record does not. `old` is None when it was empty."""

    field: str
    old: object
    new: object

    @property
    def fills_a_gap(self) -> bool:
        return self.old is None


def differences(facts: object, record: Mapping[str, object]) -> tuple[Difference, ...]:
    """Return where the facts of a registry or of an imported file say more or other than the record.

    `facts` has the BIBLIOGRAPHIC_FIELDS as attributes; `record` maps their names to values. What the facts
    do not say is no difference; nor is another case, dash, accent, final full stop, page abbreviation or
    order of registration numbers.
    Tuples come out as lists, ready for a model field.

    >>> differences(PaperFacts("pubmed", volume="12", pages="113-25"), {"volume": None, "pages": "113-125"})
    (Difference(field='volume', old=None, new='12'),)
    """
    found = []
    for field in BIBLIOGRAPHIC_FIELDS:
        new, old = getattr(facts, field), record.get(field) or None
        if new and not (old and is_same_value(field, old, new)):
            found.append(Difference(field, old, list(new) if isinstance(new, tuple) else new))
    return tuple(found)


def is_same_value(field: str, old: object, new: object) -> bool:
    """True when two values of a bibliographic field mean the same to a reader."""
    if _texts(old) == _texts(new):
        return True
    if field == "registry_ids":
        return {normalise_title(i) for i in _texts(new)} <= {normalise_title(i) for i in _texts(old)}
    if field == "authors":
        return are_same_authors(_texts(old), _texts(new))
    if field == "pages":
        return expand_pages(str(old)).casefold() == expand_pages(str(new)).casefold()
    if field == "journal":
        return squash_journal(str(old)) == squash_journal(str(new))
    if field in {"title", "journal_abbrev"}:
        return squash(str(old)) == squash(str(new))
    return str(old).strip().casefold() == str(new).strip().casefold()


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
