"""Whether an imported citation is here already: as a study, a trial, a draft, or twice in its file."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, Difference, differences
from studies.domain.citation_files.entry import Citation
from studies.domain.wording import is_same_surname, is_same_title, squash, squash_journal
from studies.models import Find, Study, Trial

IDENTIFIERS = {"doi": "DOI", "pmid": "PubMed number", "pmcid": "PMC number"}
FIND_STATES = {
    Find.State.NEW: "a draft",
    Find.State.TAKEN: "a draft that was taken",
    Find.State.DISMISSED: "a draft that was dismissed",
}


@dataclass(frozen=True)
class Known:
    """Something that is here: what it is, in words and by key, and what is known of it.

    `numbers` are the registration numbers that it has as a trial, not those that it names as a paper.
    """

    label: str
    fields: Mapping[str, Any]
    numbers: Sequence[str] = ()
    study_id: int | None = None
    trial_id: int | None = None
    find_id: int | None = None


@dataclass(frozen=True)
class Match:
    """What a citation is here as, by what that was recognised, and where the two say different things."""

    known: Known
    by: str
    differences: tuple[Difference, ...]

    @property
    def reason(self) -> str:
        return f"the same as {self.known.label}, by {self.by}"


class KnownCitations:
    """All that is here, found by identifier and by title. Entries of the file are added as they are met."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, Any], list[Known]] = defaultdict(list)

    def add(self, known: Known) -> None:
        """Make something found; of several under one identifier the one that was added first counts."""
        for name in IDENTIFIERS:
            if value := known.fields.get(name):
                self._by[name, value].append(known)
        for number in known.numbers:
            self._by["trial", number].append(known)
        for number in known.fields.get("registry_ids") or ():
            self._by["paper", number].append(known)
        if not any(known.fields.get(name) for name in IDENTIFIERS):
            self._by["whole", fingerprint(known.fields)].append(known)
        if title := squash(known.fields.get("title") or ""):
            self._by["title", title].append(known)

    def match(self, citation: Citation) -> Match | None:
        """Return what the citation is here as, or None when it is new.

        By DOI, PubMed or PMC number; then by registration number; then by title, year and first author. Two
        papers with one registration number are two reports of a trial unless their titles agree too.
        """
        for name, label in IDENTIFIERS.items():
            value = getattr(citation, name)
            if value and (found := self._by.get((name, value))):
                return _match(found[0], label, citation)
        for number in citation.registry_ids:
            if citation.is_trial:
                reports = [known for known in self._by.get(("paper", number), ()) if known.study_id]
                if found := self._by.get(("trial", number)) or reports:
                    return Match(found[0], "registration number", ())
            for known in self._by.get(("paper", number), ()):
                if _is_same_report(citation, known):
                    return _match(known, "registration number and title", citation)
        for known in self._by.get(("title", squash(citation.title or "")), ()) if citation.title else ():
            if _has_same_year_and_author(citation, known):
                return _match(known, "title, year and first author", citation)
        fields = fields_of(citation)
        alike = self._by.get(("whole", fingerprint(fields))) if citation.title else None
        return _match(alike[0], "all that it says", citation) if alike else None


def read_known() -> KnownCitations:
    """Return everything that is here, studies first, then trials, then drafts, in three queries."""
    known = KnownCitations()
    for row in Study.objects.order_by("pk").values("pk", "key", *BIBLIOGRAPHIC_FIELDS):
        known.add(Known(f"study {row['key']}", row, study_id=row["pk"]))
    for trial in Trial.objects.order_by("pk").only("registry_id", "other_ids", "title"):
        numbers = [trial.registry_id, *trial.other_ids]
        known.add(Known(f"trial {trial.registry_id}", {}, numbers, trial_id=trial.pk))
    _add_drafts(known, Find.objects.all())
    return known


def read_imported() -> KnownCitations:
    """Return the drafts that files have brought."""
    known = KnownCitations()
    _add_drafts(known, Find.objects.filter(registry=Find.Origin.IMPORT))
    return known


def _add_drafts(known: KnownCitations, drafts: QuerySet[Find]) -> None:
    for row in drafts.order_by("pk").values("pk", "state", "registry_id", *BIBLIOGRAPHIC_FIELDS):
        numbers = [row["registry_id"], *row["registry_ids"]] if row["registry_id"] else []
        known.add(Known(FIND_STATES[row["state"]], row, numbers, find_id=row["pk"]))


def as_known(citation: Citation, label: str) -> Known:
    """Return a citation of the file as something that is here from now on."""
    return Known(label, fields_of(citation), citation.registry_ids if citation.is_trial else ())


def fields_of(citation: Citation) -> dict[str, Any]:
    """Return the bibliographic fields of a citation by name."""
    return {name: getattr(citation, name) for name in BIBLIOGRAPHIC_FIELDS}


def fingerprint(fields: Mapping[str, Any]) -> str:
    """Return what all bibliographic fields come to: the same for entries that say the same, 64 hex digits."""
    texts = [fields.get(name) or "" for name in BIBLIOGRAPHIC_FIELDS]
    said = [list(text) if isinstance(text, list | tuple) else str(text) for text in texts]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def telling_differences(citation: Citation, fields: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return where a citation says more or other than what is here.

    A journal that is only written the other way is none: files mix up names and abbreviations.
    """
    names = {squash_journal(fields.get(name) or "") for name in ("journal", "journal_abbrev")} - {""}
    return tuple(
        each
        for each in differences(citation, fields)
        if each.field not in ("journal", "journal_abbrev") or squash_journal(str(each.new)) not in names
    )


def _match(known: Known, by: str, citation: Citation) -> Match:
    return Match(known, by, telling_differences(citation, known.fields))


def _is_same_report(citation: Citation, known: Known) -> bool:
    has_other = any(
        getattr(citation, name) and known.fields.get(name) and getattr(citation, name) != known.fields[name]
        for name in IDENTIFIERS
    )
    title = known.fields.get("title")
    return not has_other and bool(citation.title and title and is_same_title(citation.title, title))


def _has_same_year_and_author(citation: Citation, known: Known) -> bool:
    authors = known.fields.get("authors")
    return bool(
        citation.year
        and citation.year == known.fields.get("year")
        and citation.authors
        and authors
        and is_same_surname(citation.authors[0], authors[0])
    )
