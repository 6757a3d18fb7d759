"""A study's rows as the record that a corpus file would hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from studies.domain.record import (
    ArmRecord,
    CorrectionRecord,
    CountRecord,
    DoseRecord,
    EditorialRecord,
    EffectRecord,
    OutcomeRecord,
    ProvenanceRecord,
    ResultRecord,
    SecondReadingRecord,
    SideEffectRecord,
    SourceRecord,
    StudyRecord,
    TitrationStepRecord,
    join_p,
)
from studies.domain.risk_of_bias import Judgement, Tool
from studies.domain.risk_of_bias_record import RiskOfBiasRecord
from studies.domain.vocabulary import ArmRole, Better, Direction, OutcomeDomain, SourceKind
from studies.models import (
    Arm,
    ArmResult,
    Dose,
    Effect,
    Outcome,
    RiskOfBias,
    SideEffectReport,
    Source,
    Study,
    TitrationStep,
)

# Fields that a row and a record hold alike.
PLAIN_FIELDS = [
    "key",
    "title",
    "authors",
    "journal",
    "journal_abbrev",
    "year",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "pmcid",
    "registry_ids",
    "publication_types",
    "open_access",
    "design",
    "blinding",
    "country",
    "funding",
    "n_enrolled",
    "n_analysed",
    "population",
    "serious_adverse_events",
    "withdrawals",
    "conclusion",
    "limitations",
    "unverified",
]
RESULT_FIELDS = ["value", "unit", "sd", "ci_low", "ci_high", "events", "n", "baseline_sd", "note"]
EFFECT_FIELDS = ["measure", "value", "ci_low", "ci_high", "better", "note"]
JUDGEMENT_FIELDS = ["domain", "reason", "assessed_by", "assessed_on", "second_assessor"]
DOSE_FIELDS = [
    "amount_mg",
    "per",
    "route",
    "timing",
    "formulation",
    "duration_weeks",
    "start_mg",
    "max_mg",
    "regimens",
    "note",
]


def read_study(study: Study) -> StudyRecord:
    """Return the record of a study; `write_study` makes the same rows of it again.

    Fetch the study with `Study.objects.with_everything()` when there are many.
    """
    arms = list(study.arms.all())
    index_of = {arm.pk: index for index, arm in enumerate(arms)}
    default_arms = default_arm_of_sides(arms)
    sources = list(study.sources.all())
    outcomes = list(study.outcomes.all())
    reports = list(study.side_effect_reports.all())
    return StudyRecord(
        **{field: getattr(study, field) for field in PLAIN_FIELDS},
        conditions=[link.condition.slug for link in study.study_conditions.all()],
        arms=[_read_arm(arm) for arm in arms],
        outcomes=[_read_outcome(outcome, index_of, default_arms) for outcome in outcomes],
        side_effects=[_read_report(report, index_of, default_arms) for report in reports],
        risk_of_bias=[_read_judgement(row) for row in study.risk_of_bias.all()],
        sources=[SourceRecord(url=s.url, used_for=s.used_for, kind=SourceKind(s.kind)) for s in sources],
        second_reading=_read_second_reading(study),
        provenance=list(_read_provenance(study, outcomes, reports, sources)),
        editorial=_read_editorial(study),
    )


def default_arm_of_sides(arms: list[Arm]) -> dict[str, Arm | None]:
    """The arm each side means when the record names none: the only one that it can be.

    Several arms on a side, or none, give None: which one is then not known.
    """
    given = [arm for arm in arms if arm.role == "intervention"]
    compared = [arm for arm in arms if arm.role != "intervention"]
    return {
        "intervention": given[0] if len(given) == 1 else None,
        "comparator": compared[0] if len(compared) == 1 else None,
    }


def _read_arm(arm: Arm) -> ArmRecord:
    dose = getattr(arm, "dose", None)
    return ArmRecord(name=arm.name, role=ArmRole(arm.role), n=arm.n, dose=_read_dose(dose) if dose else None)


def _read_dose(dose: Dose) -> DoseRecord:
    steps = [_read_step(step) for step in dose.steps.all()]
    return DoseRecord(
        **{field: getattr(dose, field) for field in DOSE_FIELDS},
        range_mg=dose.range_text,
        amount_mg_per_kg=dose.mg_per_kg_text or dose.mg_per_kg,
        titration=steps or None,
    )


def _read_step(step: TitrationStep) -> TitrationStepRecord:
    place: dict[str, Any] = {step.unit: step.at_text if step.at_number is None else step.at_number}
    return TitrationStepRecord(mg=step.amount_mg, **place)


def _read_outcome(
    outcome: Outcome, index_of: dict[int, int], default_arms: dict[str, Arm | None]
) -> OutcomeRecord:
    results = {result.side: result for result in outcome.results.all()}
    effect = getattr(outcome, "effect", None)
    return OutcomeRecord(
        name=outcome.name,
        domain=OutcomeDomain(outcome.domain),
        instrument=outcome.instrument,
        timepoint=outcome.timepoint,
        primary=outcome.is_primary,
        direction=Direction(outcome.direction),
        better=Better(outcome.better) if outcome.better else None,
        intervention=_read_result(results.get("intervention"), index_of, default_arms),
        comparator=_read_result(results.get("comparator"), index_of, default_arms),
        effect=_read_effect(effect) if effect else None,
    )


def _read_result(
    result: ArmResult | None, index_of: dict[int, int], default_arms: dict[str, Arm | None]
) -> ResultRecord | None:
    if result is None:
        return None
    return ResultRecord(
        **{field: getattr(result, field) for field in RESULT_FIELDS},
        arm=_named_arm(result.arm_id, result.side, index_of, default_arms),
        p=join_p(result.p_relation, result.p_value, result.p_high),
        baseline=result.baseline_text or result.baseline,
    )


def _named_arm(
    arm_id: int | None, side: str, index_of: dict[int, int], default_arms: dict[str, Arm | None]
) -> int | None:
    """The arm's index where the record must name it, because it is not the only one it can be."""
    default = default_arms[side]
    if arm_id is None or (default is not None and default.pk == arm_id):
        return None
    return index_of[arm_id]


def _read_effect(effect: Effect) -> EffectRecord:
    return EffectRecord(
        **{field: getattr(effect, field) for field in EFFECT_FIELDS},
        i2=effect.i2_percent,
        p=join_p(effect.p_relation, effect.p_value, effect.p_high),
    )


def _read_report(
    report: SideEffectReport, index_of: dict[int, int], default_arms: dict[str, Arm | None]
) -> SideEffectRecord:
    counts = {
        count.side: CountRecord(
            arm=_named_arm(count.arm_id, count.side, index_of, default_arms),
            events=count.events,
            n=count.n,
            percent=count.percent,
        )
        for count in report.counts.all()
    }
    return SideEffectRecord(
        name=report.reported_name,
        intervention=counts.get("intervention"),
        comparator=counts.get("comparator"),
        p=join_p(report.p_relation, report.p_value, report.p_high),
        note=report.note,
    )


def _read_judgement(row: RiskOfBias) -> RiskOfBiasRecord:
    return RiskOfBiasRecord(
        **{field: getattr(row, field) for field in JUDGEMENT_FIELDS},
        tool=Tool(row.tool),
        judgement=Judgement(row.judgement),
    )


def _read_second_reading(study: Study) -> SecondReadingRecord | None:
    reading = getattr(study, "second_reading", None)
    if reading is None:
        return None
    return SecondReadingRecord(
        read_on=reading.read_on,
        agreed=reading.agreed,
        not_seen=reading.not_seen,
        corrected=[
            CorrectionRecord(field=c.field, was=c.was, now=c.now, why=c.why)
            for c in reading.corrections.all()
        ],
    )


def _read_provenance(
    study: Study, outcomes: list[Outcome], reports: list[SideEffectReport], sources: list[Source]
) -> Iterator[ProvenanceRecord]:
    """Every note of where a number was read that says more than the default does."""
    paths: dict[tuple[str, int | None], str] = {
        ("outcome", outcome.pk): f"outcomes.{i}" for i, outcome in enumerate(outcomes)
    }
    paths |= {("report", report.pk): f"side_effects.{i}" for i, report in enumerate(reports)}
    index_of = {source.pk: index for index, source in enumerate(sources)}
    default_source = 0 if len(sources) == 1 else None
    for row in study.provenance.all():
        path = paths.get(("outcome", row.outcome_id)) or paths.get(("report", row.side_effect_report_id))
        entry = ProvenanceRecord(
            of=path or row.field,
            source=index_of.get(row.source_id) if row.source_id else None,
            place=row.place,
            quote=row.quote,
            registry=row.registry,
            read_by=row.read_by,
            read_on=_iso(row.read_on),
            checked_by=row.checked_by.username if row.checked_by else None,
            checked_on=_iso(row.checked_on),
        )
        if row.field or entry != ProvenanceRecord(of=entry.of, source=default_source):
            yield entry


def _read_editorial(study: Study) -> EditorialRecord:
    return EditorialRecord(
        status=cast(Any, study.status),
        entered_by=study.entered_by.username if study.entered_by else None,
        checked_by=study.checked_by.username if study.checked_by else None,
        checked_on=_iso(study.checked_on),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
