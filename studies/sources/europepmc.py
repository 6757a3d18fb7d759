"""Europe PMC's search, by DOI or PubMed number: 50 a question.

Protocol: https://europepmc.org/RestfulWebService (search), fields: https://europepmc.org/docs/EBI_Europe_PMC_Web_Service_Reference.pdf
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from studies.domain.bibliography import PaperEntry, PaperFacts
from studies.domain.europepmc_answer import parse_results
from studies.domain.identifiers import PMID_MAX, normalise_doi
from studies.sources.answer import Answer, Refused, Unknown
from studies.sources.bucket import Pace
from studies.sources.patience import Patience
from studies.sources.registry import (
    REFUSED,
    ClientOptions,
    NotTogetherError,
    RegistryClient,
    by_identifier,
    found_answer,
)
from studies.sources.reply import JSON, Reply, Request, expect, refusal

PACE = Pace(limit=3, interval=1, at_once=3)
# One DOI may stand in several records: PubMed's, PMC's, a preprint's.
PAGE_SIZE = 200
LONGEST_DOI_IN_A_LIST = 90


class EuropePmcClient(RegistryClient[str | int, PaperFacts]):
    """Asks Europe PMC about DOIs (str) and PubMed numbers (int). See RegistryClient for the arguments."""

    batch_size = 50
    title = "Europe PMC"
    kind_of_key = "DOI or PubMed number"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(address, **options)
        self._turns = self._bucket("search", PACE)

    def _normalise(self, identifier: str | int) -> str | int | None:
        if isinstance(identifier, str):
            return normalise_doi(identifier)
        return identifier if 0 < identifier <= PMID_MAX else None

    def _must_be_alone(self, identifier: str | int) -> bool:
        """A quotation mark or backslash in a DOI may end the phrase it stands in, with all that follows."""
        return isinstance(identifier, str) and (
            '"' in identifier or "\\" in identifier or len(identifier) > LONGEST_DOI_IN_A_LIST
        )

    def _ask_together(self, batch: Sequence[str | int], patience: Patience) -> dict[str | int, PaperEntry]:
        params = {
            "query": f"({' OR '.join(map(phrase, batch))})",
            "resultType": "core",
            "format": "json",
            "pageSize": str(PAGE_SIZE),
        }
        request = Request("/search", params)
        return self._door.ask(request, self._turns, patience, lambda reply: _read(batch, reply))

    def _ask_alone(self, identifier: str | int, patience: Patience) -> Answer:
        try:
            found = self._ask_together([identifier], patience)
        except NotTogetherError as error:
            return Refused(f"Europe PMC refuses the question: {error}")
        if identifier in found:
            return found_answer(found[identifier])
        kind = "DOI" if isinstance(identifier, str) else "PubMed number"
        return Unknown(f"Europe PMC does not know this {kind}")


def phrase(identifier: str | int) -> str:
    r"""Return the part of a query that finds one paper.

    >>> phrase("10.1002/art.37734"), phrase(23359310)
    ('DOI:"10.1002/art.37734"', '(EXT_ID:23359310 AND SRC:MED)')
    """
    if isinstance(identifier, int):
        return f"(EXT_ID:{identifier} AND SRC:MED)"
    escaped = identifier.replace("\\", "\\\\").replace('"', '\\"')
    return f'DOI:"{escaped}"'


def _read(batch: Sequence[str | int], reply: Reply) -> dict[str | int, PaperEntry]:
    if reply.status in REFUSED:
        raise NotTogetherError(refusal(reply))
    expect(reply, EuropePmcClient.title, JSON)
    return by_identifier(parse_results(reply.body), batch)
