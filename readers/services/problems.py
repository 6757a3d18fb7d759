"""What readers report about a page, and what editors make of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils.timezone import localdate

from readers.domain.words import clean_words
from readers.models import MOST_PATH, PageAnswer, ProblemReport
from readers.services.pace import may_send
from studies.services.following import follow_edit

# Over all readers together: what editors could still look at, and more than robots shall fill a table with.
MOST_PER_HOUR = 100


class TooManyError(Exception):
    """More was sent than is taken in an hour."""


def find_page(*, typed: str) -> str | None:
    """Return the path of the site's page that was typed or linked, without its query; None if it is none.

    Args:
        typed: a path, or a whole address as copied from a browser.
    """
    try:
        path = urlsplit(typed.strip()).path
        match = resolve(path)
    except (ValueError, Resolver404):
        return None
    is_for_readers = match.app_name != "admin" and not path.startswith("/api/v1/")
    return path if is_for_readers and len(path) <= MOST_PATH else None


@transaction.atomic
def report_problem(*, page: str, words: str, address: str, now: datetime) -> ProblemReport:
    """Keep what a reader wrote about a page, and return it. The address is counted, and not kept.

    Sent twice (a second press of the button), the same words about the same page are kept once.

    Args:
        page: as find_page returns it.
        words: as typed; they are cleaned.
        address: the reader's IP address.
        now: the moment to write down.

    Raises:
        TooManyError: the reader, or all readers together, have sent enough for this hour.
    """
    cleaned = clean_words(words)
    same = ProblemReport.objects.filter(page=page, words=cleaned, received_at__gt=now - timedelta(hours=1))
    if (known := same.first()) is not None:
        return known
    if not may_send(address=address, now=now) or _are_enough(now):
        raise TooManyError
    return ProblemReport.objects.create(page=page, words=cleaned, received_at=now)


def _are_enough(now: datetime) -> bool:
    recent = ProblemReport.objects.filter(received_at__gt=now - timedelta(hours=1))
    return recent.count() >= MOST_PER_HOUR


@transaction.atomic
def answer_report(
    *, report: ProblemReport, text: str, shows_words: bool, editor: AbstractBaseUser, now: datetime
) -> PageAnswer:
    """Answer a report at the foot of its page, or correct the answer; the page is published anew.

    Args:
        report: new, declined or answered before.
        text: what everybody shall read.
        shows_words: whether the reader's own words stand above it.
        editor, now: who answers, and when.
    """
    _decide(report, ProblemReport.State.ANSWERED, editor, now, because="")
    answer, _ = PageAnswer.objects.update_or_create(
        report=report,
        defaults={
            "page": report.page,
            "text": clean_words(text),
            "quote": report.words if shows_words else "",
            "answered_on": localdate(now),
        },
    )
    follow_edit(now=now)
    return answer


@transaction.atomic
def decline_report(*, report: ProblemReport, because: str, editor: AbstractBaseUser, now: datetime) -> None:
    """Decline a report with a reason for the other editors; an answer that it had is taken from the page.

    Args:
        report: in any state.
        because: the reason; it is shown nowhere but in the admin.
        editor, now: who declines, and when.
    """
    _decide(report, ProblemReport.State.DECLINED, editor, now, because=because)
    PageAnswer.objects.filter(report=report).delete()
    follow_edit(now=now)


def _decide(
    report: ProblemReport, state: str, editor: AbstractBaseUser, now: datetime, *, because: str
) -> None:
    report.state, report.because = state, because
    report.decided_by, report.decided_at = editor, now  # type: ignore[assignment]
    report.save(update_fields=["state", "because", "decided_by", "decided_at"])
