"""ClinicalTrials.gov (API v2), by NCT number: 100 a question, and none while its data are unchanged.

Protocol: https://clinicaltrials.gov/data-api/api
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from studies.domain.clinicaltrials_answer import (
    SELECTED_FIELDS,
    TrialEntry,
    parse_studies,
    parse_study,
    parse_version,
)
from studies.domain.identifiers import normalise_registry_id
from studies.domain.trial_facts import TrialFacts
from studies.sources.answer import Edition, Refused, TrialAnswer, Unchanged, Unknown
from studies.sources.bucket import Pace
from studies.sources.patience import Patience
from studies.sources.registry import (
    ABSENT,
    REFUSED,
    ClientOptions,
    NotTogetherError,
    RegistryClient,
    found_answer,
)
from studies.sources.reply import JSON, Reply, Request, expect, refusal

PACE = Pace(limit=1, interval=1, at_once=1)
FIELDS = ",".join(SELECTED_FIELDS)


class ClinicalTrialsClient(RegistryClient[str, TrialFacts]):
    """Asks ClinicalTrials.gov about NCT numbers. See RegistryClient and ClientOptions for the arguments.

    With `last_edition`, all answers are Unchanged when the registry's data are still of that edition: give
    it only with trials that were asked about since.
    """

    batch_size = 100
    title = "ClinicalTrials.gov"
    kind_of_key = "number of ClinicalTrials.gov"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(address.rstrip("/").removesuffix("/api/v2"), **options)
        self._turns = self._bucket("all", PACE)

    def _normalise(self, identifier: str) -> str | None:
        number = normalise_registry_id(identifier)
        return number if number and re.fullmatch("NCT[0-9]{8}", number) else None

    def _prepare(self, _identifiers: Sequence[str], patience: Patience) -> Unchanged | None:
        version = self._door.ask(Request("/api/v2/version"), self._turns, patience, _read_version)
        self.edition = Edition(version)
        return Unchanged(version) if self.edition == self._last_edition else None

    def _ask_together(self, batch: Sequence[str], patience: Patience) -> dict[str, TrialEntry]:
        params = {"filter.ids": ",".join(batch), "fields": FIELDS, "pageSize": str(self.batch_size)}
        return self._door.ask(Request("/api/v2/studies", params), self._turns, patience, _read_list)

    def _ask_alone(self, identifier: str, patience: Patience) -> TrialAnswer:
        request = Request(f"/api/v2/studies/{identifier}", {"fields": FIELDS})
        return self._door.ask(
            request, self._turns, patience, lambda reply: self._read_single(identifier, reply)
        )

    def _read_single(self, number: str, reply: Reply) -> TrialAnswer:
        if reply.status in ABSENT and not reply.is_web_page:
            return Unknown("ClinicalTrials.gov does not know this number")
        if reply.status in REFUSED:
            return Refused(f"ClinicalTrials.gov refuses the question: {refusal(reply)}")
        expect(reply, self.title, JSON)
        entry = parse_study(reply.body)
        if entry.facts.registry_id != number:
            return Refused(f"ClinicalTrials.gov answers for another trial: {entry.facts.registry_id}")
        return found_answer(entry)


def _read_version(reply: Reply) -> str:
    expect(reply, ClinicalTrialsClient.title, JSON)
    return parse_version(reply.body)


def _read_list(reply: Reply) -> dict[str, TrialEntry]:
    if reply.status in REFUSED:
        raise NotTogetherError(refusal(reply))
    expect(reply, ClinicalTrialsClient.title, JSON)
    return parse_studies(reply.body)
