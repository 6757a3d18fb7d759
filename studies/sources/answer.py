"""What became of asking a registry about one paper or trial: exactly one of five answers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from studies.domain.bibliography import Facts, PaperFacts, RegistryEntry
from studies.domain.trial_facts import TrialFacts
from studies.sources.failure import FailureKind

# What a paper or trial is asked by: a DOI or a registration number is a str, a PubMed number an int.
Key = TypeVar("Key", bound=Hashable)


class PaperIds(NamedTuple):
    """Both identifiers of a paper, to look for it in a list where a row may carry either."""

    doi: str | None
    pmid: int | None


@dataclass(frozen=True)
class Found(Generic[Facts]):
    """The registry knows it, and this is what it says."""

    entry: RegistryEntry[Facts]

    @property
    def facts(self) -> Facts:
        """What the registry says."""
        return self.entry.facts

    @property
    def body(self) -> str:
        """The stored part of the answer."""
        return self.entry.body

    @property
    def sha256(self) -> str:
        """Hex digest of the stored part."""
        return self.entry.sha256


@dataclass(frozen=True)
class Unknown:
    """The registry was asked about this one alone and does not know it. Asking again soon is no use."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """The question itself is wrong, as with a text that is no DOI. Asking again is no use."""

    reason: str


@dataclass(frozen=True)
class Unchanged:
    """Not asked, because the registry says that nothing has changed since the edition already seen."""

    version: str


@dataclass(frozen=True)
class Failed:
    """No answer that counts: nothing was learnt, nothing may be changed. Ask again at `retry_at` (UTC).

    `was_asked` is False when it never came to asking, because the registry or the worker's patience had
    already said "later"; that is no failure of this paper. `body` is the beginning of what came instead of
    an answer, for an editor.
    """

    reason: str
    retry_at: datetime
    kind: FailureKind
    was_asked: bool = True
    body: str = ""

    @property
    def is_blocked(self) -> bool:
        """True when the registry has shut us out; a person must look."""
        return self.kind == FailureKind.BLOCKED


AnswerOf = Found[Facts] | Unknown | Refused | Unchanged | Failed
Answer = AnswerOf[PaperFacts]
TrialAnswer = AnswerOf[TrialFacts]


@dataclass(frozen=True)
class BatchAnswer(Generic[Key, Facts]):
    """The answers of one batch, by identifier exactly as the caller gave it."""

    answers: Mapping[Key, AnswerOf[Facts]]


@dataclass(frozen=True)
class Edition:
    """Which state of a registry's data the answers are of, for one that says so or is read as a file.

    `version` is its own name for it, or a hash; `rows` is how many rows a file has. Keep the last edition
    whose answers were accepted, and give it to the next client.
    """

    version: str
    rows: int | None = None
