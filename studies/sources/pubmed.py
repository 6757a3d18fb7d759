"""PubMed by PMID, through NCBI's efetch: 200 records a request, as XML.

Protocol: https://www.ncbi.nlm.nih.gov/books/NBK25499/ (efetch), rates in NBK25497.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from studies.domain.bibliography import PaperEntry, PaperFacts
from studies.domain.identifiers import PMID_MAX
from studies.domain.pubmed_answer import parse_articles
from studies.sources.answer import Answer, Refused, Unknown
from studies.sources.bucket import Pace
from studies.sources.patience import Patience
from studies.sources.registry import REFUSED, ClientOptions, NotTogetherError, RegistryClient, found_answer
from studies.sources.reply import XML, Reply, Request, expect, refusal

PACE = Pace(limit=3, interval=1, at_once=3)
PACE_WITH_KEY = Pace(limit=10, interval=1, at_once=5)
TOOL = "ldn-kb"


class PubmedClient(RegistryClient[int, PaperFacts]):
    """Asks PubMed about PMIDs. See RegistryClient and ClientOptions for the arguments."""

    batch_size = 200
    title = "PubMed"
    kind_of_key = "PubMed number"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(address, **options)
        pool, pace = ("with-key", PACE_WITH_KEY) if self._api_key else ("no-key", PACE)
        self._turns = self._bucket(pool, pace)
        who = {"tool": TOOL, "email": self._contact_email, "api_key": self._api_key}
        self._who = {name: value for name, value in who.items() if value}

    def _normalise(self, identifier: int) -> int | None:
        return identifier if 0 < identifier <= PMID_MAX else None

    def _ask_together(self, batch: Sequence[int], patience: Patience) -> dict[int, PaperEntry]:
        return self._door.ask(_efetch(batch, self._who), self._turns, patience, _read_batch)

    def _ask_alone(self, identifier: int, patience: Patience) -> Answer:
        return self._door.ask(
            _efetch([identifier], self._who),
            self._turns,
            patience,
            lambda reply: _read_single(identifier, reply),
        )


def _efetch(pmids: Sequence[int], who: dict[str, str]) -> Request:
    form = {"db": "pubmed", "id": ",".join(map(str, pmids)), "retmode": "xml", **who}
    return Request("/efetch.fcgi", form=form)


def _read_batch(reply: Reply) -> dict[int, PaperEntry]:
    if reply.status in REFUSED:
        raise NotTogetherError(refusal(reply))
    expect(reply, PubmedClient.title, XML)
    return parse_articles(reply.body)


def _read_single(pmid: int, reply: Reply) -> Answer:
    if reply.status in REFUSED:
        return Refused(f"PubMed refuses the question: {refusal(reply)}")
    found = _read_batch(reply)
    if pmid in found:
        return found_answer(found[pmid])
    if found:
        return Refused(f"PubMed answers for another number: {next(iter(found))}")
    return Unknown("PubMed does not know this number")
