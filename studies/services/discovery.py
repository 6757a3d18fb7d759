"""Saved searches put to the registries, and an inbox of what they found that editors empty.

A find is kept once for good: what was dismissed does not come back. Nothing is published from a find.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from studies.domain.citation_files.entry import Citation
from studies.domain.search_answer import FoundEntry, matched_words
from studies.domain.wording import is_same_surname, normalise_title
from studies.models import Find, FindMatch, SavedSearch, Study, Trial
from studies.services.editing import EditError
from studies.services.import_matching import KnownCitations, read_imported
from studies.services.registries import client_options
from studies.sources.discovery import PubmedSearch, SearchError, TrialSearch
from studies.sources.registries import REGISTRIES

logger = logging.getLogger(__name__)

WEEKLY = timedelta(days=7)
AFTER_FAILURE = timedelta(hours=6)
# A worker that dies holds a search no longer than this.
LEASE = timedelta(hours=1)
SEARCHERS: Mapping[str, type[PubmedSearch | TrialSearch]] = {
    "pubmed": PubmedSearch,
    "clinicaltrials": TrialSearch,
}


@dataclass(frozen=True)
class Discovered:
    """What became of one search: how many were found, how many are new; `error` when it failed."""

    search: SavedSearch
    n_found: int = 0
    n_new: int = 0
    error: str = ""


@dataclass(frozen=True)
class Duplicate:
    """The study, trial or imported draft that a find is already here as, and by what it was recognised."""

    study: Study | None = None
    trial: Trial | None = None
    by: str = ""
    find_id: int | None = None


def discover(*, now: datetime, even_if_not_due: bool = False) -> list[Discovered]:
    """Put the active searches that are due to their registries; return what became of each.

    A search that fails is noted with its reason and tried again in a few hours; it changes no find.

    Args:
        now: the time that is written down.
        even_if_not_due: put every active search, whatever its week says.
    """
    return [_discover_one(search, now) for search in _claim(now, even_if_not_due)]


@transaction.atomic
def _claim(now: datetime, even_if_not_due: bool) -> list[SavedSearch]:
    rows = SavedSearch.objects.select_for_update(skip_locked=True).filter(is_active=True)
    if not even_if_not_due:
        rows = rows.filter(Q(next_search_at__isnull=True) | Q(next_search_at__lte=now))
    searches = list(rows)
    SavedSearch.objects.filter(pk__in=[s.pk for s in searches]).update(next_search_at=now + LEASE)
    return searches


def _discover_one(search: SavedSearch, now: datetime) -> Discovered:
    row = REGISTRIES[search.registry]
    try:
        address = getattr(settings, row.address)
        if not address:
            raise SearchError(f"no address of {row.title} is set")
        client = SEARCHERS[search.registry](address, **client_options(search.registry))
        try:
            entries = client.search(search.query).entries
        finally:
            client.close()
    except SearchError as error:
        logger.warning("search %d of %s failed: %s", search.pk, search.registry, error)
        changes = {"asked_at": now, "error": str(error), "next_search_at": now + AFTER_FAILURE}
        SavedSearch.objects.filter(pk=search.pk).update(**changes)
        return Discovered(search, error=str(error))
    return _keep(search, entries, now)


@transaction.atomic
def _keep(search: SavedSearch, entries: Sequence[FoundEntry], now: datetime) -> Discovered:
    n_new = 0
    studies = list(Study.objects.only("key", "title", "year", "authors", "doi", "pmid"))
    imported = read_imported()
    for entry in entries:
        same = find_duplicate(entry, studies)
        if not same.by:
            same = _find_imported(entry, imported)
        values = {
            "duplicate_study": same.study,
            "duplicate_trial": same.trial,
            "duplicate_find_id": same.find_id,
            "duplicate_by": same.by,
        }
        said = {
            name: getattr(entry, name) for name in ("title", "year", "journal", "doi", "pmid", "registry_id")
        }
        find, is_new = Find.objects.update_or_create(
            registry=entry.registry,
            identifier=entry.identifier,
            defaults={"last_found_at": now, "authors": list(entry.authors), **said, **values},
            create_defaults={
                "first_found_at": now,
                "last_found_at": now,
                "authors": list(entry.authors),
                **said,
                **values,
            },
        )
        n_new += is_new
        words = list(matched_words(search.query, entry.title))
        FindMatch.objects.update_or_create(
            find=find, search=search, defaults={"query": search.query, "words": words}
        )
    changes = {"asked_at": now, "answered_at": now, "n_found": len(entries), "error": ""}
    SavedSearch.objects.filter(pk=search.pk).update(**changes, next_search_at=now + WEEKLY)
    return Discovered(search, len(entries), n_new)


def find_duplicate(entry: FoundEntry, studies: Sequence[Study]) -> Duplicate:
    """Return what is here already: the same by identifier, else by title, year and first author."""
    if entry.registry_id:
        named = Q(registry_id=entry.registry_id) | Q(other_ids__contains=[entry.registry_id])
        trial = Trial.objects.filter(named).first()
        study = Study.objects.filter(registry_ids__contains=[entry.registry_id]).first()
        return Duplicate(study, trial, "registration number") if trial or study else Duplicate()
    for study in studies:
        if entry.doi and study.doi == entry.doi:
            return Duplicate(study, by="DOI")
        if entry.pmid and study.pmid == entry.pmid:
            return Duplicate(study, by="PubMed number")
    title = normalise_title(entry.title)
    for study in studies:
        if _has_this_title(study, title, entry):
            return Duplicate(study, by="title, year and first author")
    return Duplicate()


def _find_imported(entry: FoundEntry, imported: KnownCitations) -> Duplicate:
    """The draft that a file has brought of the same paper or trial."""
    numbers = (entry.registry_id,) if entry.registry_id else ()
    said = {name: getattr(entry, name) for name in ("title", "authors", "year", "doi", "pmid", "pmcid")}
    # A trial is found by its number alone: a journal makes it a paper that names one.
    match = imported.match(Citation(line=0, registry_ids=numbers, **said))
    return Duplicate(by=match.by, find_id=match.known.find_id) if match else Duplicate()


def _has_this_title(study: Study, title: str, entry: FoundEntry) -> bool:
    if not (entry.year and entry.authors and study.authors and study.year == entry.year):
        return False
    return normalise_title(study.title) == title and is_same_surname(entry.authors[0], study.authors[0])


def take(*, find: Find, editor: AbstractBaseUser, now: datetime) -> None:
    """Note that an editor enters a find. Raises EditError when it was dismissed."""
    _decide(find, Find.State.TAKEN, "", editor, now)


def dismiss(*, find: Find, because: str, editor: AbstractBaseUser, now: datetime) -> None:
    """Put a find away for good, with the reason. Raises EditError without one, or when it is decided."""
    if not because.strip():
        raise EditError("Say why: a dismissed find does not come back.")
    _decide(find, Find.State.DISMISSED, because.strip(), editor, now)


@transaction.atomic
def reopen(*, find: Find) -> None:
    """Put a find that was taken or dismissed back among the new ones."""
    changes = {"decided_at": None, "decided_by": None, "decided_because": ""}
    Find.objects.filter(pk=find.pk).update(state=Find.State.NEW, **changes)


@transaction.atomic
def _decide(find: Find, state: str, because: str, editor: AbstractBaseUser, now: datetime) -> None:
    row = Find.objects.select_for_update().get(pk=find.pk)
    if row.state == state == Find.State.TAKEN:
        return  # opening the form once more takes nothing twice
    if row.state != Find.State.NEW:
        raise EditError(f"{row} is {row.state} already, by {row.decided_by}. Put it back first.")
    row.state, row.decided_at, row.decided_because = state, now, because
    row.decided_by = editor  # type: ignore[assignment]
    row.save(update_fields=["state", "decided_at", "decided_by", "decided_because"])
