"""Crossref's REST API, by DOI: lists of 50, odd DOIs alone.

Protocol: https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Unpack
from urllib.parse import quote

from studies.domain.bibliography import PaperEntry, PaperFacts
from studies.domain.crossref_answer import SELECTED_FIELDS, parse_work, parse_works
from studies.domain.identifiers import normalise_doi
from studies.sources.answer import Answer, Refused, Unknown
from studies.sources.bucket import Pace, TokenBucket
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

LIST_PACE = Pace(limit=3, interval=1, at_once=3)
SINGLE_PACE = Pace(limit=10, interval=1, at_once=3)
# A list of longer DOIs would make an address longer than servers read.
LONGEST_DOI_IN_A_LIST = 120


class CrossrefClient(RegistryClient[str, PaperFacts]):
    """Asks Crossref about DOIs. See RegistryClient and ClientOptions for the arguments."""

    batch_size = 50
    title = "Crossref"
    kind_of_key = "DOI"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        super().__init__(address.rstrip("/").removesuffix("/v1"), **options)
        self._lists = self._bucket("lists", LIST_PACE)
        self._singles = self._bucket("singles", SINGLE_PACE)
        self._mailto = {"mailto": self._contact_email} if self._contact_email else {}

    def _normalise(self, identifier: str) -> str | None:
        return normalise_doi(identifier)

    def _must_be_alone(self, identifier: str) -> bool:
        return "," in identifier or len(identifier) > LONGEST_DOI_IN_A_LIST

    def _ask_together(self, batch: Sequence[str], patience: Patience) -> dict[str, PaperEntry]:
        request = Request(
            "/v1/works",
            {
                "filter": ",".join(f"doi:{doi}" for doi in batch),
                "select": ",".join(SELECTED_FIELDS),
                "rows": str(self.batch_size),
                **self._mailto,
            },
        )
        return self._door.ask(request, self._lists, patience, self._read_list)

    def _ask_alone(self, identifier: str, patience: Patience) -> Answer:
        request = Request(f"/v1/works/{quote(identifier, safe='')}", self._mailto)
        return self._door.ask(
            request, self._singles, patience, lambda reply: self._read_single(identifier, reply)
        )

    def _read_list(self, reply: Reply) -> dict[str, PaperEntry]:
        if reply.status in REFUSED:
            raise NotTogetherError(refusal(reply))
        expect(reply, self.title, JSON)
        learn_pace(self._lists, reply.headers)
        return parse_works(reply.body)

    def _read_single(self, doi: str, reply: Reply) -> Answer:
        if reply.status in ABSENT and not reply.is_web_page:
            return Unknown("Crossref does not know this DOI")
        if reply.status in REFUSED:
            return Refused(f"Crossref refuses the question: {refusal(reply)}")
        expect(reply, self.title, JSON)
        learn_pace(self._singles, reply.headers)
        entry = parse_work(reply.body)
        if entry.facts.doi != doi:
            return Refused(f"Crossref answers for another DOI: {entry.facts.doi}")
        return found_answer(entry)


def learn_pace(bucket: TokenBucket, headers: Mapping[str, str]) -> None:
    """Take over the limits that Crossref names in its headers, when they make sense.

    `x-rate-limit-limit` is a number of requests, `x-rate-limit-interval` seconds as in "1s",
    `x-concurrency-limit` a number of requests at once.
    """
    limit = _whole(headers.get("x-rate-limit-limit"))
    interval = _whole(headers.get("x-rate-limit-interval", "").rstrip("s"))
    at_once = _whole(headers.get("x-concurrency-limit"))
    if limit and interval:
        bucket.learn(Pace(limit, interval, at_once or LIST_PACE.at_once))


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,3}", text.strip()) else None
