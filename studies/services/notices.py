"""Notices of retraction, concern and correction, and the status that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.timezone import localdate

from studies.domain.bibliography import NoticeFacts
from studies.domain.publication_status import fold_notices
from studies.domain.vocabulary import PublicationStatus
from studies.models import Notice, Study
from studies.services.following import follow_changes


class NoticeError(ValueError):
    """A decision on a notice that is refused; the message is a sentence for the editor, with the mend."""


@transaction.atomic
def record_notices(*, study: Study, registry: str, notices: Iterable[NoticeFacts], now: datetime) -> bool:
    """Store the notices a registry reports and recompute the study's status; True when it changed.

    A notice once stored stays: one that vanishes from a registry lifts nothing.
    """
    for notice in notices:
        Notice.objects.get_or_create(
            study=study,
            registry=registry,
            kind=notice.kind,
            notice_doi=notice.notice_doi or "",
            notice_pmid=notice.notice_pmid,
            dated_on=notice.date,
            defaults={
                "raw_kind": notice.raw_kind,
                "date_text": notice.date_text or "",
                "asserted_by": notice.asserted_by or "",
                "first_seen_at": now,
            },
        )
    return recompute_status(study=study)


@transaction.atomic
def recompute_status(*, study: Study) -> bool:
    """Set the study's publication status from its notices that stand; True when it changed."""
    status = _fold(study, study.notices.filter(dismissed_by__isnull=True))
    if status == study.publication_status:
        return False
    study.publication_status = status
    study.save(update_fields=["publication_status", "updated_at"])
    return True


@transaction.atomic
def dismiss_notice(*, notice: Notice, editor: AbstractBaseUser, reason: str, now: datetime) -> bool:
    """Set a notice aside because it does not concern the paper; True when the paper's status changed.

    It stays on record with the reason, and a registry that reports it again does not bring it back. What
    leans on the study is not computed here: the caller follows up in the same transaction.

    Raises NoticeError when no reason is given.
    """
    if not reason.strip():
        raise NoticeError("reason: say why this notice does not concern the paper.")
    notice.dismissed_by, notice.dismissed_on = editor, localdate(now)  # type: ignore[assignment]
    notice.dismissed_because = reason.strip()
    notice.save()
    return recompute_status(study=notice.study)


@transaction.atomic
def take_up_notice(*, notice: Notice) -> bool:
    """Let a dismissed notice stand again; True when the paper's status changed."""
    notice.dismissed_by = notice.dismissed_on = notice.dismissed_because = None
    notice.save()
    return recompute_status(study=notice.study)


@transaction.atomic
def decide_notice(
    *, notice: Notice, stands: bool, editor: AbstractBaseUser, reason: str, now: datetime
) -> Notice:
    """Dismiss a notice for an editor, or let it stand again, with all that follows; return it as it is then.

    Args:
        notice: what a registry reported.
        stands: False dismisses it.
        editor, now: who decides, and when.
        reason: why it does not concern the paper; unused where it is to stand.

    Raises NoticeError without a reason, or when it was so decided already.
    """
    # The study first: whoever writes to it locks it first, so that nobody waits for each other.
    study = Study.objects.select_for_update().get(pk=notice.study_id)
    row = study.notices.select_for_update().get(pk=notice.pk)
    if stands == (row.dismissed_by is None):
        already = "stands" if stands else f"was dismissed by {row.dismissed_by}"
        raise NoticeError(f"This notice {already} already: open its page again.")
    if stands:
        take_up_notice(notice=row)
    else:
        dismiss_notice(notice=row, editor=editor, reason=reason, now=now)
    follow_changes(now=now)
    return Notice.objects.select_related("study").get(pk=row.pk)


@transaction.atomic
def restore_status(
    *, study: Study, status: str, editor: AbstractBaseUser, reason: str, now: datetime
) -> None:
    """Bring a paper back to a former status, by dismissing its newest notices or taking up dismissed ones.

    Raises NoticeError when neither leads there.
    """
    standing = list(study.notices.filter(dismissed_by__isnull=True).order_by("-first_seen_at", "-pk"))
    dismissed = list(study.notices.filter(dismissed_by__isnull=False).order_by("-dismissed_on", "-pk"))
    for n in range(1, len(standing) + 1):
        if _fold(study, standing[n:]) == status:
            for notice in standing[:n]:
                dismiss_notice(notice=notice, editor=editor, reason=reason, now=now)
            study.refresh_from_db()
            return
    for n in range(1, len(dismissed) + 1):
        if _fold(study, [*standing, *dismissed[:n]]) == status:
            for notice in dismissed[:n]:
                take_up_notice(notice=notice)
            study.refresh_from_db()
            return
    raise NoticeError(f"No dismissal of notices leads {study.key} back to “{status}”: look at its notices.")


def _fold(study: Study, notices: Iterable[Notice]) -> PublicationStatus:
    was_answered = study.registry_checks.filter(found_at__isnull=False).exists()
    return fold_notices(notices, was_answered=was_answered)
