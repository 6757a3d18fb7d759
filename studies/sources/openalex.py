"""OpenAlex, by DOI or PubMed number: lists of 100, odd DOIs alone, within a daily budget.

Protocol: https://developers.openalex.org/api-reference/authentication (limits), /works/list-works (filters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Unpack
from urllib.parse import quote

from studies.domain.bibliography import PaperEntry, PaperFacts
from studies.domain.identifiers import PMID_MAX, normalise_doi
from studies.domain.openalex_answer import SELECTED_FIELDS, parse_work, parse_works
from studies.sources.answer import Answer, Refused, Unknown
from studies.sources.bucket import Pace
from studies.sources.patience import Patience
from studies.sources.registry import (
    ABSENT,
    REFUSED,
    ClientOptions,
    NotTogetherError,
    RegistryClient,
    by_identifier,
    found_answer,
)
from studies.sources.reply import JSON, Reply, Request, expect, refusal, retry_after

PACE = Pace(limit=10, interval=1, at_once=4)
DAY_SECONDS = 24 * 3600.0
# Midnight by our clock and by theirs are not the same moment.
AFTER_MIDNIGHT_SECONDS = 30.0
# A hundred longer DOIs would make an address longer than servers read.
LONGEST_DOI_IN_A_LIST = 60
# In a filter the one means "and", the other "or", and a leading ! "not".
SIGNS = frozenset(",|!")


class OpenAlexClient(RegistryClient[str | int, PaperFacts]):
    """Asks OpenAlex about DOIs (str) and PubMed numbers (int). See RegistryClient for the arguments."""

    batch_size = 100
    title = "OpenAlex"
    kind_of_key = "DOI or PubMed number"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(address, **options)
        self._turns = self._bucket("with-key" if self._api_key else "no-key", PACE)
        self._who = {"api_key": self._api_key} if self._api_key else {}

    def _normalise(self, identifier: str | int) -> str | int | None:
        if isinstance(identifier, str):
            return normalise_doi(identifier)
        return identifier if 0 < identifier <= PMID_MAX else None

    def _must_be_alone(self, identifier: str | int) -> bool:
        return isinstance(identifier, str) and (
            bool(SIGNS & set(identifier)) or len(identifier) > LONGEST_DOI_IN_A_LIST
        )

    def _batches(self, identifiers: list[str | int]) -> Iterator[list[str | int]]:
        """DOIs and PubMed numbers in batches of their own: two filters in one question mean "and"."""
        yield from super()._batches([each for each in identifiers if isinstance(each, int)])
        yield from super()._batches([each for each in identifiers if isinstance(each, str)])

    def _ask_together(self, batch: Sequence[str | int], patience: Patience) -> dict[str | int, PaperEntry]:
        name = "doi" if isinstance(batch[0], str) else "pmid"
        request = Request(
            "/works",
            {
                "filter": f"{name}:{'|'.join(map(str, batch))}",
                "select": ",".join(SELECTED_FIELDS),
                "per_page": str(self.batch_size),
                **self._who,
            },
        )
        return self._door.ask(request, self._turns, patience, lambda reply: self._read_list(batch, reply))

    def _ask_alone(self, identifier: str | int, patience: Patience) -> Answer:
        if self._must_be_alone(identifier):
            path = f"/works/doi:{quote(str(identifier), safe='')}"
            request = Request(path, {"select": ",".join(SELECTED_FIELDS), **self._who})
            return self._door.ask(
                request, self._turns, patience, lambda reply: self._read_single(identifier, reply)
            )
        try:
            found = self._ask_together([identifier], patience)
        except NotTogetherError as error:
            return Refused(f"OpenAlex refuses the question: {error}")
        return found_answer(found[identifier]) if identifier in found else self._unknown(identifier)

    def _read_list(self, batch: Sequence[str | int], reply: Reply) -> dict[str | int, PaperEntry]:
        self._mind_the_budget(reply)
        if reply.status in REFUSED:
            raise NotTogetherError(refusal(reply))
        expect(reply, self.title, JSON)
        return by_identifier(parse_works(reply.body), batch)

    def _read_single(self, identifier: str | int, reply: Reply) -> Answer:
        self._mind_the_budget(reply)
        if reply.status in ABSENT:
            return self._unknown(identifier)
        if reply.status in REFUSED:
            return Refused(f"OpenAlex refuses the question: {refusal(reply)}")
        expect(reply, self.title, JSON)
        entry = parse_work(reply.body)
        if entry.facts.doi != identifier:
            return Refused(f"OpenAlex answers for another DOI: {entry.facts.doi}")
        return found_answer(entry)

    def _unknown(self, identifier: str | int) -> Unknown:
        kind = "DOI" if isinstance(identifier, str) else "PubMed number"
        return Unknown(f"OpenAlex does not know this {kind}")

    def _mind_the_budget(self, reply: Reply) -> None:
        """Keep what is left of today's budget; when it is spent, let nobody ask before midnight UTC."""
        left = left_today(reply)
        if left is None:
            return
        midnight = seconds_to_midnight(self._clock.now())
        self._turns.note_budget(left, midnight)
        if left == 0:
            self._turns.hold(midnight)

    def _wait_of(self, reply: Reply, now: float) -> float | None:
        if reply.status == 429 and (left_today(reply) == 0 or not reply.headers.get("retry-after")):
            return seconds_to_midnight(now)
        return retry_after(reply.headers.get("retry-after"), now)


def left_today(reply: Reply) -> int | None:
    """What the answer says is left of today's budget, in requests; None when it says nothing."""
    text = reply.headers.get("x-ratelimit-remaining", "").strip()
    return int(float(text)) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text) else None


def seconds_to_midnight(now: float) -> float:
    """Return the seconds from a moment (Unix time) to shortly after the next midnight UTC.

    >>> seconds_to_midnight(23 * 3600.0)
    3630.0
    """
    return DAY_SECONDS - now % DAY_SECONDS + AFTER_MIDNIGHT_SECONDS
