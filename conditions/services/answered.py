"""Stored answers to a question, as verdicts and articles quote them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conditions.domain.number_words import describe_pool
from conditions.domain.pool_body import direction_of
from conditions.domain.pool_numbers import Numbers
from conditions.domain.question import Question, QuestionKind
from conditions.domain.verdict_rules import Pooled
from conditions.models import Certainty, Pool
from studies.domain.vocabulary import Better, Direction, Measure

Subject = tuple[str, str, str]


@dataclass(frozen=True)
class Answered:
    """Pools by condition, domain, comparator and measure; main pools and certainties without the measure."""

    pools: dict[tuple[str, str, str, str], Pool] = field(default_factory=dict)
    main: dict[Subject, Pool] = field(default_factory=dict)
    certainties: dict[Subject, Certainty] = field(default_factory=dict)

    def subject_of(self, question: Question) -> Subject | None:
        """The one subject that a claim asks about; None where it asks about several, or about no effect."""
        if question.kind is not QuestionKind.EFFICACY or question.comparator is None:
            return None
        if len(question.conditions) != 1 or len(question.domains) != 1:
            return None
        return question.conditions[0], question.domains[0], question.comparator.value


def read_answers(*, conditions: Iterable[str]) -> Answered:
    """Return the stored pools and certainties of these conditions (slugs), in two queries."""
    slugs = list(conditions)
    pools = list(Pool.objects.filter(condition__slug__in=slugs).select_related("condition"))
    certainties = Certainty.objects.filter(condition__slug__in=slugs).select_related("condition")
    return Answered(
        pools={(p.condition.slug, p.domain, p.comparator, p.measure): p for p in pools},
        main={(p.condition.slug, p.domain, p.comparator): p for p in pools if p.is_main},
        certainties={(c.condition.slug, c.domain, c.comparator): c for c in certainties},
    )


def pooled_for_verdict(pool: Pool | None) -> Pooled | None:
    """Return what a pool of two studies or more says to a claim; one study's own result is sorted already."""
    if pool is None or pool.k < 2:
        return None
    return Pooled(direction_of_pool(pool) or Direction.UNCLEAR, describe_pool(pool))


def direction_of_pool(pool: Pool) -> Direction | None:
    """Return which way a stored pool's interval points; None where it has none."""
    numbers = Numbers(pool.k, pool.estimate, pool.ci_low, pool.ci_high)
    better = Better(pool.better) if pool.better else None
    return direction_of(numbers, better, Measure(pool.measure))
