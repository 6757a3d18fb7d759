"""Sentences about publication status, of one paper and of many: asked when, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date


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


def status_sentence(entries: Sequence[LedgerEntry], n_notices: int) -> str:
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
        return "status not known: the paper has no identifier by which a registry could be asked"
    return "; ".join([_head(entries, n_notices), *_gaps(entries)])


def statuses_sentence(last_checks: Sequence[date | None], n_with_notice: int) -> str:
    """Return the sentence on how far the status of several papers was checked, without a full stop.

    A paper that was never checked is never called free of notices.

    Args:
        last_checks: for each paper the day of the last word of any registry on it; None where none gave one.
        n_with_notice: how many of the papers have a notice that stands.

    >>> statuses_sentence([date(2026, 11, 18), date(2026, 11, 20), None], 0)
    '2 of 3 papers checked at least once since 18 November 2026: no notice of these; 1 never, and nothing is known of it'
    >>> statuses_sentence([date(2026, 11, 18), date(2026, 11, 20)], 1)
    'all 2 papers checked at least once since 18 November 2026: 1 has a notice'
    >>> statuses_sentence([None, None], 0)
    'none of 2 papers checked in any registry yet; nothing is known of corrections or retractions'
    """  # noqa: E501 - a sentence of a page is one line
    days = [day for day in last_checks if day]
    n, n_never = len(last_checks), len(last_checks) - len(days)
    papers = "paper" if n == 1 else "papers"
    have = "has" if n_with_notice == 1 else "have"
    if not days:
        known = f"; {n_with_notice} {have} a notice" if n_with_notice else ""
        unknown = "nothing else" if n_with_notice else "nothing"
        return (
            f"none of {n} {papers} checked in any registry yet{known}; "
            f"{unknown} is known of corrections or retractions"
        )
    of_all = f"{'all ' if n > 1 else ''}{n} {papers}" if not n_never else f"{len(days)} of {n} {papers}"
    head = f"{of_all} checked at least once since {_day(min(days))}"
    if n_with_notice:
        found = f"{n_with_notice} {have} a notice"
    else:
        found = "no notice of these" if n_never else "no notice"
    never = (
        f"; {n_never} never, and nothing is known of {'it' if n_never == 1 else 'them'}" if n_never else ""
    )
    return f"{head}: {found}{never}"


def _head(entries: Sequence[LedgerEntry], n_notices: int) -> str:
    days = sorted(entry.answered_on for entry in entries if entry.is_checked and entry.answered_on)
    if not days and n_notices:
        return f"status not checked at the last try in any registry; {_notices(n_notices)} from before"
    if not days:
        return "status not yet checked in any registry; nothing is known of corrections or a retraction"
    first, last = _day(days[0]), _day(days[-1])
    when = f"on {first}" if first == last else f"between {first} and {last}"
    noun = "registry" if len(entries) == 1 else "registries"
    return f"status checked {when} in {len(days)} of {len(entries)} {noun}: {_notices(n_notices)}"


def _notices(count: int) -> str:
    return {0: "no notice", 1: "1 notice, see above"}.get(count, f"{count} notices, see above")


def _gaps(entries: Sequence[LedgerEntry]) -> Iterator[str]:
    for entry in entries:
        if entry.is_checked:
            continue
        yield f"{entry.registry} {_gap(entry)}"


def _gap(entry: LedgerEntry) -> str:
    before = f", last answer {_day(entry.answered_on)}" if entry.answered_on else ", no answer yet"
    if entry.answer == "failed":
        since = f"since {_day(entry.failing_since)}" if entry.failing_since else "at the last try"
        return f"not reachable {since}{before}"
    return {
        "": "never asked",
        "unknown": "does not know the paper",
        "conflict": "has another paper under this identifier, and an editor must look",
        "refused": "refused the question",
    }.get(entry.answer, "gave no answer about this paper")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
