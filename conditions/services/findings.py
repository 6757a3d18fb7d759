"""Published studies read as findings, each with the rows that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from conditions.domain.finding import UNSTATED, Finding
from conditions.domain.question import Comparator, Question, QuestionKind
from studies.domain.proportion import newcombe
from studies.domain.publication_status import GONE
from studies.domain.result_words import describe_effect, describe_result
from studies.domain.vocabulary import ArmRole, Direction, DosePer
from studies.models import Arm, ArmResult, Effect, Outcome, SideEffectCount, SideEffectReport, Study

COMPARATORS = {
    ArmRole.PLACEBO: Comparator.PLACEBO,
    ArmRole.ACTIVE_CONTROL: Comparator.ACTIVE,
    ArmRole.NO_TREATMENT: Comparator.NONE,
}


@dataclass(frozen=True)
class ReadFinding:
    """A finding, and where it is on record: its outcome or side effect, its arm, its place on the page."""

    finding: Finding
    study: Study
    outcome: Outcome | None = None
    side_effect_report: SideEffectReport | None = None
    arm: Arm | None = None
    anchor: str = ""

    @property
    def rows(self) -> tuple[int | None, ...]:
        """The primary keys of what it is about."""
        parts = (self.study, self.outcome, self.side_effect_report, self.arm)
        return tuple(part.pk if part else None for part in parts)


def read_studies(*, conditions: Iterable[str]) -> list[Study]:
    """Return the published studies of these conditions (slugs) with all they found, in eleven queries."""
    sides = Prefetch("results", queryset=ArmResult.objects.select_related("arm__dose"))
    counts = Prefetch("counts", queryset=SideEffectCount.objects.select_related("arm__dose"))
    outcomes = Outcome.objects.select_related("effect").prefetch_related(sides)
    reports = SideEffectReport.objects.select_related("side_effect").prefetch_related(counts)
    return list(
        Study.objects.published()
        .filter(conditions__slug__in=list(conditions))
        .distinct()
        .order_by("key")
        .prefetch_related(
            "conditions",
            "risk_of_bias",
            Prefetch("arms", queryset=Arm.objects.select_related("dose")),
            Prefetch("outcomes", queryset=outcomes),
            Prefetch("side_effect_reports", queryset=reports),
        )
    )


def read_findings(question: Question, studies: Iterable[Study]) -> list[ReadFinding]:
    """Return what the studies of the question's conditions hold that its kind asks for, in order of key."""
    asked = set(question.conditions)
    found: list[ReadFinding] = []
    for study in studies:
        if asked & {condition.slug for condition in study.conditions.all()}:
            found += list(_read_study(question, study)) or [ReadFinding(Finding(**_base(study)), study)]
    return found


def _read_study(question: Question, study: Study) -> Iterator[ReadFinding]:
    if question.kind is QuestionKind.DOSE_RANGE:
        yield from _read_doses(study)
        return
    if question.kind is not QuestionKind.FREQUENCY:
        yield from _read_outcomes(study)
    if question.kind is not QuestionKind.EFFICACY:
        yield from _read_side_effects(study)


def _base(study: Study) -> dict[str, Any]:
    return {
        "study_key": study.key,
        "group": study.group,
        "is_retracted": study.publication_status in GONE,
        "registry_ids": tuple(study.registry_ids),
        "year": study.year,
        "risk_of_bias": study.overall_risk_of_bias,
        "n_enrolled": study.n_enrolled,
        "n_analysed": study.n_analysed,
    }


def _read_outcomes(study: Study) -> Iterator[ReadFinding]:
    for index, outcome in enumerate(study.outcomes.all()):
        sides = {result.side: result for result in outcome.results.all()}
        given, compared = sides.get("intervention"), sides.get("comparator")
        arm = arm_of(study, given)
        finding = Finding(
            **_base(study),
            **_dose_of(arm),
            subject=outcome.domain,
            name=outcome.name,
            comparator=comparator_of(study, compared),
            direction=Direction(outcome.direction),
            is_primary=outcome.is_primary,
            percent=_percent_of(outcome, given),
            number=_number_of(outcome, given, compared),
        )
        yield ReadFinding(finding, study, outcome, None, arm, f"outcome-{index}")


def _read_side_effects(study: Study) -> Iterator[ReadFinding]:
    for index, report in enumerate(study.side_effect_reports.all()):
        sides = {count.side: count for count in report.counts.all()}
        given, compared = sides.get("intervention"), sides.get("comparator")
        arm = arm_of(study, given)
        finding = Finding(
            **_base(study),
            **_dose_of(arm),
            subject=report.side_effect.slug,
            name=report.reported_name,
            comparator=comparator_of(study, compared),
            direction=_direction_of(given, compared),
            percent=given.percent if given else None,
            number=" against ".join(filter(None, [_counted(given), _counted(compared)])),
        )
        yield ReadFinding(finding, study, None, report, arm, f"side-effect-{index}")


def _read_doses(study: Study) -> Iterator[ReadFinding]:
    for index, arm in enumerate(study.arms.all()):
        if arm.role == ArmRole.INTERVENTION:
            finding = Finding(**_base(study), **_dose_of(arm), name=arm.name)
            yield ReadFinding(finding, study, None, None, arm, f"arm-{index}")


def arm_of(study: Study, given: ArmResult | SideEffectCount | None) -> Arm | None:
    """The arm that the figure names, else the only one that was given LDN."""
    if given is not None and given.arm is not None:
        return given.arm
    arms = [arm for arm in study.arms.all() if arm.role == ArmRole.INTERVENTION]
    return arms[0] if len(arms) == 1 else None


def _dose_of(arm: Arm | None) -> dict[str, Any]:
    if arm is None or not hasattr(arm, "dose"):
        return {}
    dose = arm.dose
    return {
        "amount_mg": dose.amount_mg,
        "is_daily": dose.per == DosePer.DAY,
        "is_per_kg": dose.amount_mg is None and (dose.mg_per_kg is not None or bool(dose.mg_per_kg_text)),
    }


def comparator_of(study: Study, compared: ArmResult | SideEffectCount | None) -> str | None:
    """What it was compared with: the arm that the figure names, else the only kind there is."""
    if compared is not None and compared.arm is not None:
        return COMPARATORS.get(ArmRole(compared.arm.role), UNSTATED)
    kinds = {COMPARATORS[ArmRole(arm.role)] for arm in study.arms.all() if arm.role in COMPARATORS}
    return kinds.pop() if len(kinds) == 1 else UNSTATED if kinds else None


def _direction_of(given: SideEffectCount | None, compared: SideEffectCount | None) -> Direction:
    """Which way the counts point, by whether Newcombe's interval of the difference leaves zero out."""
    if not given or not compared or not given.n or not compared.n:
        return Direction.UNCLEAR
    if given.events is None or compared.events is None:
        return Direction.UNCLEAR
    gap = newcombe(given.events, given.n, compared.events, compared.n)
    if gap.low <= 0 <= gap.high:
        return Direction.NO_DIFFERENCE
    return Direction.FAVOURS_COMPARATOR if gap.low > 0 else Direction.FAVOURS_LDN


def _percent_of(outcome: Outcome, given: ArmResult | None) -> Decimal | None:
    """The percentage that an outcome reports, without its sign."""
    effect: Effect | None = getattr(outcome, "effect", None)
    if effect and effect.measure == "percent_change" and effect.value is not None:
        return abs(effect.value)
    if given is not None and given.value is not None and (given.unit or "").startswith("%"):
        return abs(given.value)
    return None


def _number_of(outcome: Outcome, given: ArmResult | None, compared: ArmResult | None) -> str:
    sides = " against ".join(filter(None, [describe_result(given), describe_result(compared)]))
    return "; ".join(filter(None, [sides, describe_effect(getattr(outcome, "effect", None))]))


def _counted(count: SideEffectCount | None) -> str:
    if count is None:
        return ""
    if count.events is not None and count.n is not None:
        return f"{count.events} of {count.n}"
    if count.percent is not None:
        return f"{count.percent}%" + (f" of {count.n}" if count.n is not None else "")
    return "" if count.events is None else f"{count.events} of a number not reported"
