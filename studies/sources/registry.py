"""How any registry is asked about many papers: together where possible, alone where needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Generic, NotRequired, TypedDict, Unpack

from redis import Redis

from studies.domain.bibliography import Facts, PaperFacts, RegistryEntry
from studies.sources.answer import AnswerOf, BatchAnswer, Edition, Failed, Found, Key, Refused, Unchanged
from studies.sources.bucket import BucketLevel, Pace, TokenBucket
from studies.sources.failure import FailureKind, UnansweredError
from studies.sources.http import Door, read_wait, user_agent
from studies.sources.patience import Clock, Limits, Patience
from studies.sources.reply import Reply

# The question itself is refused, which asking again does not mend.
REFUSED = frozenset({400, 413, 414, 422})
# Known once and gone, or never known.
ABSENT = frozenset({404, 410})
# So many failures one after the other mean that the registry is down, not that a question is odd.
FAILURES_TO_STOP = 2
# So many answers of those asked alone are written down together: what leans on them is computed once for all.
ALONE_A_BATCH = 10


class NotTogetherError(Exception):
    """The registry refuses these questions in one batch; each must be asked alone."""


class ClientOptions(TypedDict):
    """What every client is made with, besides the registry's address.

    `redis` keeps the pace; `version` and `public_url` tell the registry what program asks, `contact_email`
    (may be empty) whom to write to. `last_edition` is the last one whose answers were accepted. `speed`
    multiplies every pace, for a benchmark against stand-ins only.
    """

    redis: Redis
    contact_email: str
    version: str
    public_url: str
    api_key: NotRequired[str]
    last_edition: NotRequired[Edition | None]
    speed: NotRequired[float]
    limits: NotRequired[Limits | None]
    clock: NotRequired[Clock | None]


class RegistryClient(ABC, Generic[Key, Facts]):
    """One registry. Make one per task or request; it is not to be shared between threads.

    `address` comes from the settings, with or without a closing slash. After fetch(), `edition` is the state
    of the registry's data that the answers are of, for a registry that names one.
    """

    batch_size: ClassVar[int]
    title: ClassVar[str]
    kind_of_key: ClassVar[str]

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        self._clock = options.get("clock") or Clock()
        self._redis = options["redis"]
        self._speed = options.get("speed", 1.0)
        self._contact_email = options["contact_email"]
        self._api_key = options.get("api_key", "")
        self._last_edition = options.get("last_edition")
        self.edition: Edition | None = None
        self._buckets: dict[str, TokenBucket] = {}
        self._door = Door(
            address,
            agent=user_agent(options["version"], options["public_url"], self._contact_email),
            secrets=(self._contact_email, self._api_key),
            limits=options.get("limits") or Limits(),
            clock=self._clock,
            wait_of=self._wait_of,
        )

    def fetch(self, identifiers: Iterable[Key]) -> Iterator[BatchAnswer[Key, Facts]]:
        """Yield the answers batch by batch, one for each identifier asked, as they come in.

        Never raises for what the registry or the line does: that is a Failed for each paper it concerns.
        Once the registry is down, shuts us out or asks for more patience than there is, the rest is not
        asked and comes back as Failed with was_asked=False.
        """
        malformed: dict[Key, AnswerOf[Facts]] = {}
        asked: dict[Key, list[Key]] = {}
        for given in dict.fromkeys(identifiers):
            identifier = self._normalise(given)
            if identifier is None:
                malformed[given] = self._malformed(given)
            else:
                asked.setdefault(identifier, []).append(given)
        if malformed:
            yield BatchAnswer(malformed)
        if not asked:
            return
        visit = Visit(self._door.patience())
        for batch, answers in self._answer_all(list(asked), visit):
            yield BatchAnswer({given: answers[one] for one in batch for given in asked[one]})

    def fetch_one(self, identifier: Key) -> AnswerOf[Facts]:
        """Return the answer about one paper, asked alone."""
        normal = self._normalise(identifier)
        if normal is None:
            return self._malformed(identifier)
        return self._answer_alone(normal, Visit(self._door.patience()))

    def levels(self) -> Mapping[str, BucketLevel]:
        """How each of the registry's pools stands, by its name. Raises redis.RedisError."""
        return {pool: bucket.level() for pool, bucket in self._buckets.items()}

    def close(self) -> None:
        """Close the connections."""
        self._door.close()

    @abstractmethod
    def _normalise(self, identifier: Key) -> Key | None:
        """The identifier as the registry writes it, or None when it is none."""

    @abstractmethod
    def _ask_together(self, batch: Sequence[Key], patience: Patience) -> dict[Key, RegistryEntry[Facts]]:
        """What the registry knows of a batch. Raises NotTogetherError and UnansweredError."""

    @abstractmethod
    def _ask_alone(self, identifier: Key, patience: Patience) -> AnswerOf[Facts]:
        """What the registry says when asked about one paper only. Raises UnansweredError."""

    def _must_be_alone(self, _identifier: Key) -> bool:
        """Whether an identifier would spoil the batch it stands in."""
        return False

    def _prepare(self, _identifiers: Sequence[Key], _patience: Patience) -> Unchanged | None:
        """What is asked before the first batch; Unchanged answers all. Raises UnansweredError."""
        return None

    def _wait_of(self, reply: Reply, now: float) -> float | None:
        """For how many seconds nobody should ask after a 429 or 503."""
        return read_wait(reply, now)

    def _bucket(self, pool: str, pace: Pace) -> TokenBucket:
        """The turns of one of the registry's pools, shared by all workers.

        Its title is in the name: copies of several registries may stand on one host.
        """
        name = f"{self._door.host}:{self.title}:{pool}"
        bucket = TokenBucket(self._redis, name, pace.faster(self._speed), now=self._clock.bucket_now)
        self._buckets[pool] = bucket
        return bucket

    def _malformed(self, identifier: Key) -> Refused:
        return Refused(f"{str(identifier)[:100]} is not shaped like a {self.kind_of_key}")

    def _batches(self, identifiers: list[Key]) -> Iterator[list[Key]]:
        """Identifiers that may be asked together; those that must be asked alone come last, few at a time."""
        together = [i for i in identifiers if not self._must_be_alone(i)]
        for start in range(0, len(together), self.batch_size):
            yield together[start : start + self.batch_size]
        alone = [i for i in identifiers if self._must_be_alone(i)]
        for start in range(0, len(alone), ALONE_A_BATCH):
            yield alone[start : start + ALONE_A_BATCH]

    def _answer_all(
        self, identifiers: list[Key], visit: Visit
    ) -> Iterator[tuple[list[Key], dict[Key, AnswerOf[Facts]]]]:
        for_all: Unchanged | Failed | None
        try:
            for_all = self._prepare(identifiers, visit.patience)
        except UnansweredError as error:
            for_all = visit.failed(error)
        for batch in self._batches(identifiers):
            answers: dict[Key, AnswerOf[Facts]] = dict.fromkeys(batch, for_all) if for_all else {}
            yield batch, answers or self._answer_batch(batch, visit)

    def _answer_batch(self, batch: list[Key], visit: Visit) -> dict[Key, AnswerOf[Facts]]:
        if visit.stopped_by:
            return dict.fromkeys(batch, visit.not_asked())
        found: dict[Key, RegistryEntry[Facts]] = {}
        if not self._must_be_alone(batch[0]):
            try:
                found = self._ask_together(batch, visit.patience)
                visit.succeeded()
            except NotTogetherError:
                visit.succeeded()
            except UnansweredError as error:
                return dict.fromkeys(batch, visit.failed(error))
        return {
            one: found_answer(found[one]) if one in found else self._answer_alone(one, visit) for one in batch
        }

    def _answer_alone(self, identifier: Key, visit: Visit) -> AnswerOf[Facts]:
        if visit.stopped_by:
            return visit.not_asked()
        try:
            answer = self._ask_alone(identifier, visit.patience)
        except UnansweredError as error:
            return visit.failed(error)
        visit.succeeded()
        return answer


def found_answer(entry: RegistryEntry[Facts]) -> Found[Facts]:
    """The answer that carries a registry's entry."""
    return Found(entry)


def by_identifier(
    entries: Iterable[RegistryEntry[PaperFacts]], batch: Sequence[str | int]
) -> dict[str | int, RegistryEntry[PaperFacts]]:
    """The entries under the identifiers that were asked, DOI or PubMed number; of several the first."""
    found: dict[str | int, RegistryEntry[PaperFacts]] = {}
    wanted = set(batch)
    for entry in entries:
        for identifier in (entry.doi, entry.pmid):
            if identifier is not None and identifier in wanted:
                found.setdefault(identifier, entry)
    return found


class Visit:
    """What one call of a client has met so far, and whether to go on asking."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.stopped_by: Failed | None = None
        self._failures = 0

    def succeeded(self) -> None:
        """Note an answer: failures are counted in a row."""
        self._failures = 0

    def failed(self, error: UnansweredError) -> Failed:
        """Note a failure, which may be the one that ends the visit, and return it as an answer."""
        self._failures += 1
        answer = Failed(error.reason, error.retry_at, error.kind, error.was_asked, error.body)
        if answer.is_blocked or not error.was_asked or self._failures >= FAILURES_TO_STOP:
            self.stopped_by = answer
        return answer

    def not_asked(self) -> Failed:
        """The answer for what is not asked any more."""
        if self.stopped_by is None:
            raise ValueError("nothing has stopped this visit")
        kind = FailureKind.BLOCKED if self.stopped_by.is_blocked else FailureKind.NOT_ASKED
        return Failed(self.stopped_by.reason, self.stopped_by.retry_at, kind, was_asked=False)
