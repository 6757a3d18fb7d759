"""What pages say of pools: as stored, or pooled anew by a reader's choice; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conditions.domain.eligibility import Candidate, Placed, Reason, load_candidate, place_candidates
from conditions.domain.forest import ForestPicture, draw_forest
from conditions.domain.forest_entry import ForestPool, ForestQuestion, ForestStudy
from conditions.domain.pool_question import Choice
from conditions.models import Certainty, Condition, Pool, PoolStudy
from studies.domain.correlation import CORRELATIONS
from studies.domain.vocabulary import LABELS, Better, Measure, OutcomeDomain
from studies.models import Study
from studies.services.speech import READERS

# A draft is counted, but neither named nor linked to: it is not published.
HIDDEN = Reason.DRAFT
# Not in the pool, but drawn beside it: retracted results are struck, the others have no weight.
BESIDE = (Reason.GONE, Reason.LEFT_OUT, Reason.SAME_TRIAL, Reason.NOT_RANDOMISED, Reason.OTHER_DOSE)
MODEL_LABELS = {"random": "Random effects", "fixed": "Fixed effect"}


@dataclass(frozen=True)
class Answer:
    """One subject of a condition: its main pool and the certainty of the answer."""

    pool: Pool
    certainty: Certainty | None


@dataclass(frozen=True)
class Line:
    """One study of a pool as it is shown: in with its weight, or not and why."""

    study: Study
    address: str
    is_in: bool
    reason: str | None
    words: str
    outcome_name: str
    how: str
    assumptions: Sequence[str]
    has_correlation: bool
    has_concern: bool
    risk_of_bias: str | None
    scale: str | None
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    weight_percent: float | None = None
    is_turned: bool = False

    @property
    def is_gone(self) -> bool:
        return self.reason == Reason.GONE

    @property
    def numbers(self) -> dict[str, float | None]:
        """The effect with its interval."""
        return {"estimate": self.estimate, "ci_low": self.ci_low, "ci_high": self.ci_high}


@dataclass(frozen=True)
class PoolView:
    """A pool under one choice: `result` as docs/methods.md lists it, the lines, and the picture."""

    pool: Pool
    choice: Choice
    result: dict[str, Any]
    members: list[Line]
    others: list[tuple[str, list[Line]]]
    n_hidden: int
    picture: ForestPicture | None

    @property
    def name(self) -> str:
        """A name for its picture that is unique on a page."""
        return f"forest-{self.pool.slug}"

    @property
    def pooled(self) -> dict[str, Any]:
        numbers: dict[str, Any] = self.result["pooled"]
        return numbers

    @property
    def correlations(self) -> list[tuple[str, bool]]:
        """What may be assumed of its cross-over trials, and whether it is; nothing where none needs it."""
        if not any(line.has_correlation for line in self.offered):
            return []
        return [(f"{at:g}", at == self.choice.correlation) for at in CORRELATIONS]

    @property
    def offered(self) -> list[Line]:
        """The studies that a reader may take out: those that are in, and those taken out already."""
        return self.members + [
            line for reason, lines in self.others if reason == Reason.LEFT_OUT.value for line in lines
        ]


def answers_of(condition: Condition) -> list[Answer]:
    """Return the answers of a condition, those with the most studies first, in three queries."""
    certainties = {
        (row.domain, row.comparator): row
        for row in condition.certainties.select_related("condition", "overridden_by")
    }
    pools = list(Pool.objects.main().filter(condition=condition).with_studies())
    pools.sort(key=_weight)
    return [Answer(pool, certainties.get((pool.domain, pool.comparator))) for pool in pools]


def _weight(pool: Pool) -> tuple[int, int, int, int]:
    """For sorting: most studies put together first, then most that answer, placebo, the order of domains."""
    comparators, domains = ["placebo", "active", "none"], list(OutcomeDomain)
    place = comparators.index(pool.comparator), domains.index(OutcomeDomain(pool.domain))
    return -pool.k, -pool.n_answering, *place


def view_pool(pool: Pool, choice: Choice | None = None) -> PoolView:
    """Return a pool as a page shows it. The default is as it is stored; another choice is computed here.

    Args:
        pool: fetched with its studies (Pool.objects.with_studies()).
        choice: what the reader wants.
    """
    chosen = choice or Choice()
    rows = list(pool.rows.all())
    result, lines = (pool.result, _stored(rows)) if chosen.is_default else _anew(pool, rows, chosen)
    shown = [line for line in lines if line.reason != HIDDEN]
    return PoolView(
        pool=pool,
        choice=chosen,
        result=result,
        members=[line for line in shown if line.is_in],
        others=_by_reason([line for line in shown if not line.is_in]),
        n_hidden=len(lines) - len(shown),
        picture=_draw(pool, shown, result, chosen),
    )


def _stored(rows: Sequence[PoolStudy]) -> list[Line]:
    names = ["estimate", "ci_low", "ci_high", "weight_percent", "is_turned"]
    return [
        _line(
            row,
            load_candidate(row.candidate),
            row.reason,
            row.words,
            **{name: getattr(row, name) for name in names},
        )
        for row in rows
    ]


def _anew(pool: Pool, rows: Sequence[PoolStudy], choice: Choice) -> tuple[dict[str, Any], list[Line]]:
    # SciPy is loaded by those who ask for another pool, not by every web process.
    from conditions.domain.pool_summary import summarise

    by_key = {row.candidate["key"]: row for row in rows}
    placed = place_candidates(pool.question, [load_candidate(row.candidate) for row in rows], choice)
    summary = summarise(pool.question, placed, choice)
    numbers = {row.key: {k: v for k, v in asdict(row).items() if k != "key"} for row in summary.rows}
    lines = [_placed_line(by_key[p.candidate.key], p, numbers.get(p.candidate.key)) for p in placed]
    return asdict(summary), lines


def _placed_line(row: PoolStudy, placed: Placed, numbers: dict[str, Any] | None) -> Line:
    own = {"estimate": row.estimate, "ci_low": row.ci_low, "ci_high": row.ci_high}
    reason = placed.reason.value if placed.reason else None
    return _line(row, placed.candidate, reason, placed.words, **(numbers or own))


def _line(row: PoolStudy, candidate: Candidate, reason: str | None, words: str, **numbers: Any) -> Line:
    return Line(
        study=row.study,
        address=row.get_absolute_url(),
        is_in=reason is None,
        reason=reason,
        words=words,
        outcome_name=candidate.outcome_name,
        how=candidate.how,
        assumptions=candidate.assumptions,
        has_correlation=bool(candidate.by_correlation),
        has_concern=candidate.has_concern,
        risk_of_bias=candidate.risk_of_bias,
        scale=candidate.scale,
        **numbers,
    )


def _by_reason(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """The lines by reason, the nearest misses first: reasons are looked for in the other order."""
    order = [reason.value for reason in reversed(Reason)]
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.reason or "", []).append(line)
    return sorted(found.items(), key=lambda group: order.index(group[0]))


def _draw(pool: Pool, lines: Sequence[Line], result: dict[str, Any], choice: Choice) -> ForestPicture | None:
    question = ForestQuestion(
        outcome=LABELS[OutcomeDomain(pool.domain)],
        measure=Measure(pool.measure),
        comparator=pool.get_comparator_display(),
        unit=READERS.say("points (%(scale)s)", scale=pool.scale) if pool.scale else "",
        is_lower_better=(result["better"] == Better.LOWER) if result["better"] else None,
        speech=READERS,
    )
    scales = {line.scale for line in lines if line.is_in}
    drawn = [line for line in lines if line.is_in or _belongs_in_picture(line, scales)]
    return draw_forest(question, [_forest_study(line) for line in drawn], list(_forest_pools(result, choice)))


def _belongs_in_picture(line: Line, scales: set[str | None]) -> bool:
    """A result that could be in under another choice, or was; points of another scale have no place there."""
    if line.reason not in BESIDE or line.estimate is None:
        return False
    return not scales or line.scale in scales


def _forest_study(line: Line) -> ForestStudy:
    return ForestStudy(
        label=line.study.key,
        address=line.address,
        effect=line.estimate,
        ci_low=line.ci_low,
        ci_high=line.ci_high,
        weight_percent=line.weight_percent,
        risk_of_bias=line.risk_of_bias,
        is_retracted=line.is_gone,
        reason=line.words,
    )


def _forest_pools(result: dict[str, Any], choice: Choice) -> list[ForestPool]:
    """The chosen model's diamond, and the fixed-effect one where it stands beside."""
    if result["pooled"]["k"] < 2:
        return []
    found = [_forest_pool(MODEL_LABELS[choice.model], result["pooled"])]
    if result["fixed"]:
        found.append(_forest_pool(MODEL_LABELS["fixed"], result["fixed"]))
    return found


def _forest_pool(label: str, numbers: dict[str, Any]) -> ForestPool:
    return ForestPool(
        label,
        numbers["estimate"],
        numbers["ci_low"],
        numbers["ci_high"],
        numbers["prediction_low"] if label == MODEL_LABELS["random"] else None,
        numbers["prediction_high"] if label == MODEL_LABELS["random"] else None,
    )
