"""Searching PubMed and ClinicalTrials.gov for what is not known here yet.

Protocols: https://www.ncbi.nlm.nih.gov/books/NBK25499/ (esearch, esummary) and
https://clinicaltrials.gov/data-api/api (query.term, pageToken).
"""

from __future__ import annotations

from dataclasses import dataclass

from studies.domain.bibliography import AnswerError
from studies.domain.search_answer import (
    FoundEntry,
    NumberPage,
    TrialPage,
    parse_esearch,
    parse_esummary,
    parse_trial_search,
)
from studies.sources.clinicaltrials import FIELDS, ClinicalTrialsClient
from studies.sources.failure import UnansweredError
from studies.sources.patience import Patience
from studies.sources.pubmed import PubmedClient
from studies.sources.registry import REFUSED
from studies.sources.reply import JSON, Reply, Request, expect, refusal

SUMMARIES = 200
TRIALS_A_PAGE = 100
# More finds than an editor can look through mean a query that is too wide.
MOST_FINDS = 2_000


class SearchError(Exception):
    """A search that was not answered in full; the message is for an editor. Nothing was learnt from it."""


@dataclass(frozen=True)
class Searched:
    """All that one search found."""

    entries: tuple[FoundEntry, ...]


class PubmedSearch(PubmedClient):
    """PubMed's search: numbers first, then a summary of each. See PubmedClient for the arguments."""

    def search(self, query: str) -> Searched:
        """Return every paper that a PubMed query finds. Raises SearchError."""
        patience = self._door.patience()
        try:
            pmids = self._numbers(query, patience)
            return Searched(tuple(self._summaries(pmids, patience)))
        except UnansweredError as error:
            raise SearchError(f"PubMed: {error}") from None

    def _numbers(self, query: str, patience: Patience) -> tuple[int, ...]:
        form = {"db": "pubmed", "term": query, "retmode": "json", "retmax": str(MOST_FINDS), **self._who}
        page = self._door.ask(Request("/esearch.fcgi", form=form), self._turns, patience, _read_numbers)
        if page.total > MOST_FINDS:
            raise SearchError(
                f"PubMed finds {page.total:,} papers: narrow the query to {MOST_FINDS:,} at most."
            )
        return page.pmids

    def _summaries(self, pmids: tuple[int, ...], patience: Patience) -> list[FoundEntry]:
        found: list[FoundEntry] = []
        for start in range(0, len(pmids), SUMMARIES):
            batch = pmids[start : start + SUMMARIES]
            form = {"db": "pubmed", "id": ",".join(map(str, batch)), "retmode": "json", **self._who}
            request = Request("/esummary.fcgi", form=form)
            entries = self._door.ask(request, self._turns, patience, _read_summaries)
            if missing := [str(pmid) for pmid in batch if pmid not in entries]:
                raise SearchError(f"PubMed gives no summary of {', '.join(missing[:10])}, which it found.")
            found += [entries[pmid] for pmid in batch]
        return found


class TrialSearch(ClinicalTrialsClient):
    """ClinicalTrials.gov's search, page by page. See ClinicalTrialsClient for the arguments."""

    def search(self, query: str) -> Searched:
        """Return every trial that a query finds. Raises SearchError."""
        patience = self._door.patience()
        found: dict[str, FoundEntry] = {}
        token = ""
        try:
            while True:
                params = {"query.term": query, "fields": FIELDS, "pageSize": str(TRIALS_A_PAGE)}
                params |= {"pageToken": token} if token else {}
                request = Request("/api/v2/studies", params)
                page = self._door.ask(request, self._turns, patience, _read_trials)
                is_new = any(entry.identifier not in found for entry in page.entries)
                found |= {entry.identifier: entry for entry in page.entries}
                token = page.next_page
                if len(found) > MOST_FINDS:
                    raise SearchError(
                        f"ClinicalTrials.gov finds more than {MOST_FINDS:,} trials: narrow the query."
                    )
                if not token:
                    return Searched(tuple(found.values()))
                if not is_new:
                    raise SearchError("ClinicalTrials.gov: its pages do not end")
        except UnansweredError as error:
            raise SearchError(f"ClinicalTrials.gov: {error}") from None


def _read_numbers(reply: Reply) -> NumberPage:
    _refuse(reply, PubmedClient.title)
    page = parse_esearch(reply.body)
    if len(page.pmids) < min(page.total, MOST_FINDS):
        raise AnswerError(f"{page.total} papers are announced and {len(page.pmids)} named")
    return page


def _read_summaries(reply: Reply) -> dict[int, FoundEntry]:
    _refuse(reply, PubmedClient.title)
    return parse_esummary(reply.body)


def _read_trials(reply: Reply) -> TrialPage:
    _refuse(reply, ClinicalTrialsClient.title)
    return parse_trial_search(reply.body)


def _refuse(reply: Reply, title: str) -> None:
    if reply.status in REFUSED:
        raise SearchError(f"{title} refuses the query: {refusal(reply)}")
    expect(reply, title, JSON)
