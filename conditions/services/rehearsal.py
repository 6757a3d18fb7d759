"""What if this paper were retracted? Everything that leans on it, computed as if; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from conditions.domain.cascade import (
    AnswerKind,
    Line,
    Snapshot,
    StoredAnswer,
    compare,
    count_unchanged,
    pages_of,
    summarise,
)
from conditions.domain.certainty import judge
from conditions.models import Article, Certainty, Claim, Pool
from conditions.services.answered import Answered, Subject
from conditions.services.certainty import compute_body
from conditions.services.changes import (
    answer_of_certainty,
    answer_of_pool,
    answer_of_verdict,
    take_snapshot,
)
from conditions.services.pools import FreshPool, compute_pools, make_row
from conditions.services.verdicts import compute_fresh
from studies.models import Study

MARKED = "with the retraction marked"


@dataclass(frozen=True)
class Rehearsal:
    """What would change, what would stay by kind, the pages, and all of it in one sentence."""

    lines: list[Line]
    unchanged: dict[str, int]
    pages: list[str]
    summary: str


def rehearse_retraction(*, study: Study, now: datetime) -> Rehearsal:
    """Return what a retraction of this paper would change, without changing anything.

    Args:
        study: any study, published or not.
        now: its day decides which registered trials are overdue.
    """
    slugs = list(study.conditions.values_list("slug", flat=True))
    gone = frozenset({study.key})
    before = take_snapshot()
    after = dict(before)
    pools = [p for p in compute_pools(conditions=slugs, as_if_gone=gone) if p.is_main]
    answered = _answer(pools, now)
    for key in [k for k in after if k[0] is not AnswerKind.VERDICT and k[1].partition("/")[0] in slugs]:
        if key[0] is not AnswerKind.ARTICLE:
            del after[key]
    for subject, pool in answered.main.items():
        after[AnswerKind.POOL, "/".join(subject)] = answer_of_pool(pool)
    for subject, certainty in answered.certainties.items():
        after[AnswerKind.CERTAINTY, "/".join(subject)] = answer_of_certainty(certainty)
    _judge_claims(after, slugs, gone, answered)
    _mark_articles(after, study)
    return _tell(before, after, study, frozenset(slugs))


def _answer(pools: Iterable[FreshPool], now: datetime) -> Answered:
    """Pools and certainties as they would be stored."""
    main: dict[Subject, Pool] = {}
    certainties: dict[Subject, Certainty] = {}
    overrides = {
        (row.condition_id, row.domain, row.comparator): row.override_level
        for row in Certainty.objects.filter(override_level__isnull=False)
    }
    for pool in pools:
        subject = pool.question.subject
        main[subject] = make_row(pool, None, now)
        domain, comparator = pool.question.domain.value, pool.question.comparator.value
        certainties[subject] = Certainty(
            condition=pool.condition,
            domain=domain,
            comparator=comparator,
            level=judge(compute_body(pool, now=now)).level,
            override_level=overrides.get((pool.condition.pk, domain, comparator)),
        )
    return Answered(main=main, certainties=certainties)


def _judge_claims(
    after: dict[tuple[AnswerKind, str], StoredAnswer],
    slugs: Iterable[str],
    gone: frozenset[str],
    answered: Answered,
) -> None:
    """The verdicts of the claims about these conditions, as if."""
    claims = Claim.objects.filter(claim_conditions__condition__slug__in=list(slugs)).distinct()
    for fresh in compute_fresh(claims=claims, as_if_gone=gone, answered=answered):
        after[AnswerKind.VERDICT, fresh.claim.slug] = answer_of_verdict(fresh.claim, fresh.computed.word)


def _mark_articles(after: dict[tuple[AnswerKind, str], StoredAnswer], study: Study) -> None:
    """Articles that cite the paper would mark it."""
    for article in Article.objects.published().filter(body__contains=f"@{study.key}"):
        key = AnswerKind.ARTICLE, article.slug
        if key in after:
            old = after[key]
            after[key] = StoredAnswer(old.name, old.page, MARKED, old.conditions, old.mark)


def _tell(before: Snapshot, after: Snapshot, study: Study, slugs: frozenset[str]) -> Rehearsal:
    lines = compare(before, after)
    own = [study.get_absolute_url(), *(c.get_absolute_url() for c in study.conditions.order_by("pk"))]
    pages = pages_of(lines, own if study.status == Study.Status.PUBLISHED else [])
    unchanged = count_unchanged(before, after, slugs)
    return Rehearsal(lines, unchanged, pages, summarise(lines, unchanged, len(pages)))
