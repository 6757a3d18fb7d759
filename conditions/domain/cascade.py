"""What a change of the records did to the answers: before, after, and what stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from studies.domain.speech import ENGLISH, Speech


class AnswerKind(StrEnum):
    POOL = "pool"
    CERTAINTY = "certainty"
    VERDICT = "verdict"
    ARTICLE = "article"


NOTHING = "none"


@dataclass(frozen=True)
class StoredAnswer:
    """One answer as it stands: its name for readers, the page it stands on, its words, what it leans on.

    `mark` tells two states apart where the words are too few for it, such as an article's inputs.
    """

    name: str
    page: str
    words: str
    conditions: frozenset[str] = frozenset()
    mark: str = ""


Snapshot = Mapping[tuple[AnswerKind, str], StoredAnswer]


@dataclass(frozen=True)
class Line:
    """One answer that changed; "none" where there was, or is, no such answer."""

    kind: AnswerKind
    name: str
    page: str
    before: str
    after: str


def compare(before: Snapshot, after: Snapshot) -> list[Line]:
    """Return the answers that differ: pools first, then certainties, verdicts and articles, each by name."""
    order = list(AnswerKind)
    changed = [
        Line(key[0], *_names(before.get(key), after.get(key)), *_words(before.get(key), after.get(key)))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    ]
    return sorted(changed, key=lambda line: (order.index(line.kind), line.name))


def count_unchanged(before: Snapshot, after: Snapshot, conditions: frozenset[str]) -> dict[str, int]:
    """Return, by kind, how many answers about these conditions stayed as they were."""
    same = [
        key[0]
        for key, answer in after.items()
        if before.get(key) == answer and answer.conditions & conditions
    ]
    return {kind.value: same.count(kind) for kind in AnswerKind}


def count_kind(kind: AnswerKind, n: int, speech: Speech = ENGLISH) -> str:
    """Return so many answers of a kind in words.

    >>> count_kind(AnswerKind.CERTAINTY, 2)
    '2 certainties'
    """
    return {
        AnswerKind.POOL: speech.say_count("%(n)s pool", "%(n)s pools", n),
        AnswerKind.CERTAINTY: speech.say_count("%(n)s certainty", "%(n)s certainties", n),
        AnswerKind.VERDICT: speech.say_count("%(n)s verdict", "%(n)s verdicts", n),
        AnswerKind.ARTICLE: speech.say_count("%(n)s article", "%(n)s articles", n),
    }[kind]


def pages_of(lines: Sequence[Line], others: Sequence[str] = ()) -> list[str]:
    """Return the addresses of the pages on which something is different now, each once, without fragments."""
    pages = [line.page.partition("#")[0] for line in lines]
    return list(dict.fromkeys([*pages, *others]))


def summarise(lines: Sequence[Line], unchanged: Mapping[str, int], n_pages: int) -> str:
    """Return all that changed in one sentence.

    >>> line = Line(AnswerKind.CERTAINTY, "gout: pain", "/", "low", "very low")
    >>> summarise([line], {"verdict": 2}, 3)
    'certainty of gout: pain: low → very low; 2 verdicts unchanged; 3 pages changed'
    """
    parts = [f"{line.kind.value} of {line.name}: {line.before} → {line.after}" for line in lines]
    parts += [f"{count_kind(AnswerKind(kind), n)} unchanged" for kind, n in unchanged.items() if n]
    parts.append(f"{n_pages} page{'' if n_pages == 1 else 's'} changed")
    return "; ".join(parts)


def _names(before: StoredAnswer | None, after: StoredAnswer | None) -> tuple[str, str]:
    known = after or before
    assert known is not None  # noqa: S101 - a key comes from one of the two
    return known.name, known.page


def _words(before: StoredAnswer | None, after: StoredAnswer | None) -> tuple[str, str]:
    """The words of both; where they are alike, that something behind them differs."""
    old, new = (answer.words if answer else NOTHING for answer in (before, after))
    return (old, new) if old != new else (old, f"{new}, computed from other inputs")
