"""A paper looked up by its DOI or PubMed number, for an editor who wants to enter it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, NoticeFacts, PaperFacts
from studies.domain.identifiers import Identifier, find_identifier, normalise_pmid
from studies.domain.study_key import propose_key
from studies.domain.wording import is_same_title
from studies.models import Registry, Study
from studies.services.facts import note_origin
from studies.services.registries import open_client
from studies.sources.answer import Answer, Failed, Found, Refused, Unknown
from studies.sources.patience import Limits

# Somebody is waiting in front of the screen.
LIMITS = Limits(connect=5, read=10, total=15, attempts=2, patience=5)
RETRACTING = frozenset({"retraction", "retraction and republication", "withdrawal"})


@dataclass(frozen=True)
class FilledField:
    """A field of the form with its value and the registry that gave it."""

    value: Any
    registry: str


@dataclass(frozen=True)
class LookUp:
    """What came of a look-up: `fields` to fill the form with, or a `problem`, a sentence for the editor.

    `existing` is the study that has this paper already; `similar` those with nearly the same title.
    """

    fields: Mapping[str, FilledField] = field(default_factory=dict)
    problem: str = ""
    existing: Study | None = None
    similar: tuple[Study, ...] = ()
    notices: tuple[NoticeFacts, ...] = ()
    warnings: tuple[str, ...] = ()
    proposed_key: str | None = None

    @property
    def is_found(self) -> bool:
        return bool(self.fields) and self.existing is None

    @property
    def is_retracted(self) -> bool:
        return any(notice.kind in RETRACTING for notice in self.notices)

    @property
    def needs_a_look(self) -> bool:
        """True when the editor must read something before the form opens."""
        return bool(self.notices or self.similar or self.warnings)


def look_up(*, identifier: str) -> LookUp:
    """Ask the registries about one paper and return the fields of its entry, or why there are none.

    Args:
        identifier: a DOI or PubMed number, bare or as an address of doi.org or PubMed.

    A paper asked by its PubMed number is asked at Crossref by its DOI as well, because either may know of
    a retraction that the other does not. Raises nothing for what a registry or the line does.
    """
    wanted = _read_identifier(identifier)
    if isinstance(wanted, str):
        return LookUp(problem=wanted)
    if study := Study.objects.filter(**{wanted.kind: wanted.value}).first():
        return LookUp(existing=study)
    answer, registry = _ask(wanted)
    if not isinstance(answer, Found):
        return LookUp(problem=_why_not(answer, registry))
    if answer.facts.is_notice:
        return LookUp(
            problem="This is a notice about another paper, not the paper itself: look up the paper."
        )
    found, warnings = [answer.facts], []
    if registry == Registry.PUBMED and answer.facts.doi:
        second, _ = _ask(Identifier("doi", answer.facts.doi))
        if isinstance(second, Found) and not second.facts.is_notice:
            found.append(second.facts)
        else:
            warnings.append("Crossref could not be asked too, so a retraction may be missing here.")
    return _result(found, warnings)


@transaction.atomic
def note_registry_origins(*, study: Study, fields: Mapping[str, FilledField], today: date) -> int:
    """Note the registry behind each field that was saved as it was looked up; return how many.

    A field that the editor changed before saving is the editor's, and nothing is noted.
    """
    same = {name: filled for name, filled in fields.items() if getattr(study, name) == filled.value}
    for name, filled in same.items():
        note_origin(study=study, field=name, registry=filled.registry, value=filled.value, today=today)
    return len(same)


def _read_identifier(text: str) -> Identifier | str:
    """The DOI or PubMed number, or what is wrong with the text."""
    found = find_identifier(text)
    pmid = normalise_pmid(text)
    if found is None and pmid:  # asked for a number, a short one is one too
        return Identifier("pmid", str(pmid))
    if found is None:
        return "This is neither a DOI, such as 10.1002/art.37734, nor a PubMed number, such as 23359310."
    if found.kind == "pmcid":
        return "This is a PMC number. Enter the paper's DOI or its PubMed number instead."
    if found.kind == "registry":
        return "This is a trial's registration number: enter it under Trials. Papers have a DOI or PMID."
    return found


def _ask(identifier: Identifier) -> tuple[Answer, Registry]:
    registry = Registry.CROSSREF if identifier.kind == "doi" else Registry.PUBMED
    client = open_client(registry, limits=LIMITS)
    key = identifier.value if identifier.kind == "doi" else int(identifier.value)
    try:
        return client.fetch_one(key), registry
    finally:
        client.close()


def _why_not(answer: Answer, registry: Registry) -> str:
    if isinstance(answer, Failed):
        return (
            f"{registry.label} cannot be asked at the moment ({answer.reason}). "
            "Try again later, or enter the paper by hand."
        )
    if isinstance(answer, Unknown):
        return (
            f"{registry.label} does not know this identifier. "
            "Look for a typing error, or enter the paper by hand."
        )
    reason = answer.reason if isinstance(answer, Refused) else "nothing of use"
    return f"{registry.label} gives no answer that can be used: {reason}. Enter the paper by hand."


def _result(found: list[PaperFacts], warnings: list[str]) -> LookUp:
    fields: dict[str, FilledField] = {}
    for name in BIBLIOGRAPHIC_FIELDS:
        said = ((getattr(facts, name), facts.registry) for facts in found if getattr(facts, name))
        value, registry = next(said, (None, ""))
        if value:
            fields[name] = FilledField(list(value) if isinstance(value, tuple) else value, registry)
    return LookUp(
        fields=fields,
        existing=_study_of(fields),
        similar=_similar(fields),
        notices=tuple(notice for facts in found for notice in facts.notices),
        warnings=tuple(warnings),
        proposed_key=_key(fields),
    )


def _study_of(fields: Mapping[str, FilledField]) -> Study | None:
    """The study that has one of the paper's identifiers: it may be known here under the other one."""
    for name in ("doi", "pmid", "pmcid"):
        if name in fields and (study := Study.objects.filter(**{name: fields[name].value}).first()):
            return study
    return None


def _similar(fields: Mapping[str, FilledField]) -> tuple[Study, ...]:
    if "title" not in fields:
        return ()
    title, year = str(fields["title"].value), fields["year"].value if "year" in fields else None
    near = Study.objects.filter(year__range=(year - 1, year + 1)) if year else Study.objects.all()
    return tuple(study for study in near.only("key", "title") if is_same_title(study.title, title))


def _key(fields: Mapping[str, FilledField]) -> str | None:
    authors = fields["authors"].value if "authors" in fields else []
    year = fields["year"].value if "year" in fields else None
    plain = propose_key(authors[0] if authors else None, year, ())
    taken = set(Study.objects.filter(key__startswith=plain).values_list("key", flat=True)) if plain else set()
    return propose_key(authors[0] if authors else None, year, taken)
