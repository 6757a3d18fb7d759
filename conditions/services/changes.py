"""What a change of the records did to the answers, kept beside it in the same transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from conditions.domain.cascade import (
    AnswerKind,
    Snapshot,
    StoredAnswer,
    compare,
    count_unchanged,
    pages_of,
    summarise,
)
from conditions.domain.number_words import describe_pool
from conditions.models import AnswerChange, Article, Certainty, Claim, ComputedVerdict, Pool, StatusChange
from conditions.models.claim import VERDICT_LABELS
from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import LABELS, PublicationStatus
from studies.models import Study
from studies.services.following import follow_changes
from studies.services.notices import NoticeError, restore_status

# That a paper was found to be in order is no news.
QUIET = frozenset({PublicationStatus.UNKNOWN, PublicationStatus.CURRENT})
NO_WORD = "no verdict"


class ReversalError(ValueError):
    """A change that cannot be reversed; the message is a sentence for the editor, with the mend."""


def take_snapshot() -> Snapshot:
    """Return every stored answer as it stands, in five queries."""
    found: dict[tuple[AnswerKind, str], StoredAnswer] = {}
    for pool in Pool.objects.main().select_related("condition"):
        found[AnswerKind.POOL, _subject(pool)] = answer_of_pool(pool)
    for row in Certainty.objects.select_related("condition"):
        found[AnswerKind.CERTAINTY, _subject(row)] = answer_of_certainty(row)
    for verdict in ComputedVerdict.objects.select_related("claim").prefetch_related(
        "claim__claim_conditions__condition"
    ):
        found[AnswerKind.VERDICT, verdict.claim.slug] = answer_of_verdict(verdict.claim, verdict.word)
    for article in Article.objects.published().select_related("condition"):
        found[AnswerKind.ARTICLE, article.slug] = StoredAnswer(
            f"“{article.title}”",
            article.get_absolute_url(),
            "as rendered",
            frozenset(article.leans_on),
            _digest(article),
        )
    return found


def answer_of_pool(pool: Pool) -> StoredAnswer:
    """Return a main pool as one answer; it need not be stored."""
    return StoredAnswer(
        name_subject(pool), pool.get_absolute_url(), describe_pool(pool), frozenset({pool.condition.slug})
    )


def answer_of_certainty(row: Certainty) -> StoredAnswer:
    """Return a certainty as one answer; it need not be stored."""
    page = f"{row.condition.get_absolute_url()}#{row.anchor}"
    return StoredAnswer(name_subject(row), page, row.word_label.lower(), frozenset({row.condition.slug}))


def answer_of_verdict(claim: Claim, word: str | None) -> StoredAnswer:
    """Return a claim with this verdict as one answer; fetch the claim's conditions beforehand."""
    slugs = frozenset(link.condition.slug for link in claim.claim_conditions.all())
    words = VERDICT_LABELS[word].lower() if word else NO_WORD
    return StoredAnswer(f"“{claim.statement}”", claim.get_absolute_url(), words, slugs)


def name_subject(row: Pool | Certainty) -> str:
    """The question of a row in a few words, such as "Fibromyalgia: pain, LDN against placebo"."""
    against = row.get_comparator_display().lower()
    return f"{row.condition.name}: {row.get_domain_display().lower()}, LDN against {against}"


def _digest(article: Article) -> str:
    """What tells two renderings apart."""
    text = article.patient_html + article.clinician_html + article.references_html
    return hashlib.sha256(text.encode()).hexdigest()


def _subject(row: Pool | Certainty) -> str:
    return f"{row.condition.slug}/{row.domain}/{row.comparator}"


@transaction.atomic
def record_change(*, before: Snapshot, now: datetime) -> AnswerChange | None:
    """Keep what differs from a snapshot, with the papers whose status changed; None where nothing does.

    Call it at the end of the transaction that computed the answers anew.

    Args:
        before: the answers as they stood when the transaction began.
        now: the time to write down.
    """
    statuses = list(Study.objects.exclude(answered_status=F("publication_status")).order_by("key"))
    Study.objects.filter(pk__in=[study.pk for study in statuses]).update(
        answered_status=F("publication_status")
    )
    news = [s for s in statuses if not {s.answered_status, s.publication_status} <= QUIET]
    after = take_snapshot()
    lines = compare(before, after)
    # The first answers are no news, nor are articles alone: a date in them changes with every check.
    if not news and (not before or {line.kind for line in lines} <= {AnswerKind.ARTICLE}):
        return None
    touched = frozenset().union(*(after[key].conditions for key in after if before.get(key) != after[key]))
    touched |= _conditions_of(news)
    pages = pages_of(lines, [page for study in news for page in _pages_of(study)])
    unchanged = count_unchanged(before, after, touched)
    change = AnswerChange.objects.create(
        at=now,
        cause=AnswerChange.Cause.STATUS if news else AnswerChange.Cause.RECORDS,
        summary=summarise(lines, unchanged, len(pages)),
        lines=[asdict(line) for line in lines],
        unchanged=unchanged,
        pages=pages,
    )
    StatusChange.objects.bulk_create(
        StatusChange(change=change, study=s, before=s.answered_status, after=s.publication_status)
        for s in news
    )
    return change


def _conditions_of(studies: Iterable[Study]) -> frozenset[str]:
    rows = Study.objects.filter(pk__in=[study.pk for study in studies])
    return frozenset(slug for slug in rows.values_list("conditions__slug", flat=True) if slug)


def _pages_of(study: Study) -> list[str]:
    """The pages that show the paper's status whatever the answers do."""
    if study.status != Study.Status.PUBLISHED:
        return []
    return [
        study.get_absolute_url(),
        *(condition.get_absolute_url() for condition in study.conditions.order_by("pk")),
    ]


@transaction.atomic
def reverse_change(
    *, change: AnswerChange, editor: AbstractBaseUser, reason: str, now: datetime
) -> AnswerChange:
    """Bring the papers of a change back to their former status, with all that leans on them.

    The notices behind it are dismissed with the reason, or taken up again; none is deleted. The reversal is
    a change of its own, and can be reversed in turn.

    Raises ReversalError when the change was no paper's status, was reversed already, is not the last word on
    a paper, or when no dismissal leads back.
    """
    change = AnswerChange.objects.select_for_update().get(pk=change.pk)
    statuses = list(change.statuses.select_related("study"))
    if not statuses:
        raise ReversalError("Only a change of a paper's status can be reversed: correct the record instead.")
    if AnswerChange.objects.filter(reverses=change).exists():
        raise ReversalError("This change was reversed already.")
    if not reason.strip():
        raise ReversalError("reason: say why the notice does not hold.")
    for status in statuses:
        if status.study.publication_status != status.after:
            label = LABELS[PublicationStatus(status.study.publication_status)].lower()
            raise ReversalError(f"{status.study.key} is {label} by now: reverse the later change first.")
        try:
            restore_status(
                study=status.study, status=status.before, editor=editor, reason=reason.strip(), now=now
            )
        except NoticeError as error:
            raise ReversalError(str(error)) from None
    last = _last_pk()
    follow_changes(now=now)
    made = AnswerChange.objects.filter(pk__gt=last).order_by("pk").first()
    if made is None:
        raise ReversalError("Nothing leans on these papers any more, and nothing changed.")
    made.reverses, made.reversed_by = change, editor  # type: ignore[assignment]
    made.save()
    return made


def _last_pk() -> int:
    return AnswerChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def describe_statuses(statuses: Sequence[StatusChange], speech: Speech = ENGLISH) -> str:
    """The papers of a change and how their status changed, in words."""
    labels = {status.value: speech.within(LABELS[status]) for status in PublicationStatus}
    return "; ".join(f"{s.study.key}: {labels[s.before]} → {labels[s.after]}" for s in statuses)
