"""Sentences about publication status, of one paper and of many: asked when, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from studies.domain.speech import ENGLISH, Speech


@dataclass(frozen=True)
class LedgerEntry:
    """What one registry last said of a paper.

    `answer`: found, nothing listed (a list of notices without this paper), unknown, conflict, refused or
    failed; "" when this registry was never asked. `answered_on`: the day of its last word on this very
    paper, None while it never gave one. `failing_since`: the day of the first failure in a row.
    """

    registry: str
    answer: str = ""
    answered_on: date | None = None
    failing_since: date | None = None

    @property
    def is_checked(self) -> bool:
        """True when the last question got an answer about this paper. Nothing else counts as checked."""
        return self.answer in ("found", "nothing listed") and self.answered_on is not None


def status_sentence(entries: Sequence[LedgerEntry], n_notices: int, speech: Speech = ENGLISH) -> str:
    """Return the sentence for the page, without a full stop.

    Args:
        entries: one for each registry that could know the paper by its identifiers.
        n_notices: how many notices stand, from any registry at any time.

    >>> asked = LedgerEntry("Crossref", "found", date(2026, 11, 20))
    >>> down = LedgerEntry("OpenAlex", "failed", None, date(2026, 10, 2))
    >>> status_sentence([asked, down], 0)
    'status checked on 20 November 2026 in 1 of 2 registries: no notice; OpenAlex not reachable since 2 October 2026, no answer yet'
    >>> status_sentence([LedgerEntry("Crossref")], 0)
    'status not yet checked in any registry; nothing is known of corrections or a retraction; Crossref never asked'
    >>> status_sentence([], 0)
    'status not known: the paper has no identifier by which a registry could be asked'
    """  # noqa: E501 - a sentence of a page is one line
    if not entries:
        return speech.say("status not known: the paper has no identifier by which a registry could be asked")
    return "; ".join([_head(entries, n_notices, speech), *_gaps(entries, speech)])


def statuses_sentence(
    last_checks: Sequence[date | None], n_with_notice: int, speech: Speech = ENGLISH
) -> str:
    """Return the sentence on how far the status of several papers was checked, without a full stop.

    A paper that was never checked is never called free of notices.

    Args:
        last_checks: for each paper the day of the last word of any registry on it; None where none gave one.
        n_with_notice: how many of the papers have a notice that stands.

    >>> statuses_sentence([date(2026, 11, 18), date(2026, 11, 20), None], 0)
    '2 of 3 papers checked at least once since 18 November 2026: no notice of these; 1 never, and nothing is known of it'
    >>> statuses_sentence([date(2026, 11, 18), date(2026, 11, 20)], 1)
    'all 2 papers checked at least once since 18 November 2026: 1 has a notice'
    >>> statuses_sentence([None], 0)
    '1 paper, not checked in any registry yet; nothing is known of corrections or retractions'
    >>> statuses_sentence([None, None], 0)
    'none of 2 papers checked in any registry yet; nothing is known of corrections or retractions'
    """  # noqa: E501 - a sentence of a page is one line
    days = [day for day in last_checks if day]
    n, n_never = len(last_checks), len(last_checks) - len(days)
    if not days:
        return _none_checked(n, n_with_notice, speech)
    since = speech.day(min(days))
    if n_never:
        head = speech.say_count(
            "%(checked)s of %(n)s paper checked at least once since %(since)s",
            "%(checked)s of %(n)s papers checked at least once since %(since)s",
            n,
            checked=len(days),
            since=since,
        )
    else:
        head = speech.say_count(
            "%(n)s paper checked at least once since %(since)s",
            "all %(n)s papers checked at least once since %(since)s",
            n,
            since=since,
        )
    if n_with_notice:
        found = speech.say_count("%(n)s has a notice", "%(n)s have a notice", n_with_notice)
    else:
        found = speech.say("no notice of these") if n_never else speech.say("no notice")
    never = speech.say_count(
        "%(n)s never, and nothing is known of it", "%(n)s never, and nothing is known of them", n_never
    )
    return f"{head}: {found}; {never}" if n_never else f"{head}: {found}"


def _none_checked(n: int, n_with_notice: int, speech: Speech) -> str:
    head = speech.say_count(
        "%(n)s paper, not checked in any registry yet",
        "none of %(n)s papers checked in any registry yet",
        n,
    )
    if not n_with_notice:
        return f"{head}; {speech.say('nothing is known of corrections or retractions')}"
    found = speech.say_count("%(n)s has a notice", "%(n)s have a notice", n_with_notice)
    return f"{head}; {found}; {speech.say('nothing else is known of corrections or retractions')}"


def _head(entries: Sequence[LedgerEntry], n_notices: int, speech: Speech) -> str:
    days = sorted(entry.answered_on for entry in entries if entry.is_checked and entry.answered_on)
    if not days and n_notices:
        return speech.say(
            "status not checked at the last try in any registry; %(notices)s from before",
            notices=_notices(n_notices, speech),
        )
    if not days:
        return speech.say(
            "status not yet checked in any registry; nothing is known of corrections or a retraction"
        )
    values = {
        "checked": len(days),
        "first": speech.day(days[0]),
        "last": speech.day(days[-1]),
        "notices": _notices(n_notices, speech),
    }
    if days[0] == days[-1]:
        return speech.say_count(
            "status checked on %(first)s in %(checked)s of %(n)s registry: %(notices)s",
            "status checked on %(first)s in %(checked)s of %(n)s registries: %(notices)s",
            len(entries),
            **values,
        )
    return speech.say_count(
        "status checked between %(first)s and %(last)s in %(checked)s of %(n)s registry: %(notices)s",
        "status checked between %(first)s and %(last)s in %(checked)s of %(n)s registries: %(notices)s",
        len(entries),
        **values,
    )


def _notices(count: int, speech: Speech) -> str:
    if not count:
        return speech.say("no notice")
    return speech.say_count("%(n)s notice, see above", "%(n)s notices, see above", count)


def _gaps(entries: Sequence[LedgerEntry], speech: Speech) -> Iterator[str]:
    for entry in entries:
        if not entry.is_checked:
            yield _gap(entry, speech)


def _gap(entry: LedgerEntry, speech: Speech) -> str:
    if entry.answer == "failed":
        return f"{_failure(entry, speech)}, {_before(entry, speech)}"
    texts = {
        "": speech.say("%(registry)s never asked", registry=entry.registry),
        "unknown": speech.say("%(registry)s does not know the paper", registry=entry.registry),
        "conflict": speech.say(
            "%(registry)s has another paper under this identifier, and an editor must look",
            registry=entry.registry,
        ),
        "refused": speech.say("%(registry)s refused the question", registry=entry.registry),
    }
    no_answer = speech.say("%(registry)s gave no answer about this paper", registry=entry.registry)
    return texts.get(entry.answer, no_answer)


def _failure(entry: LedgerEntry, speech: Speech) -> str:
    if entry.failing_since is None:
        return speech.say("%(registry)s not reachable at the last try", registry=entry.registry)
    return speech.say(
        "%(registry)s not reachable since %(day)s",
        registry=entry.registry,
        day=speech.day(entry.failing_since),
    )


def _before(entry: LedgerEntry, speech: Speech) -> str:
    if entry.answered_on is None:
        return speech.say("no answer yet")
    return speech.say("last answer %(day)s", day=speech.day(entry.answered_on))
