"""A study's record written into rows. Rows that stay keep their identity, so links to them hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction

from studies.domain.record import (
    CountRecord,
    DoseRecord,
    OutcomeRecord,
    ProvenanceRecord,
    ResultRecord,
    SecondReadingRecord,
    SideEffectRecord,
    StudyRecord,
    TitrationStepRecord,
    split_p,
    split_range,
)
from studies.domain.vocabulary import DosePer
from studies.models import (
    Arm,
    ArmResult,
    Correction,
    Dose,
    Effect,
    Outcome,
    Provenance,
    RiskOfBias,
    SecondReading,
    SideEffect,
    SideEffectCount,
    SideEffectReport,
    Source,
    Study,
    StudyCondition,
    TitrationStep,
)
from studies.services.read_study import (
    DOSE_FIELDS,
    EFFECT_FIELDS,
    JUDGEMENT_FIELDS,
    PLAIN_FIELDS,
    RESULT_FIELDS,
    default_arm_of_sides,
)
from studies.services.side_effects import side_effect_for


@transaction.atomic
def write_study(
    *,
    record: StudyRecord,
    row: Study | None,
    condition_ids: Mapping[str, int],
    loaded_record: dict[str, Any] | None,
) -> Study:
    """Save a record as a new study, or over an existing one, and return the row.

    Args:
        record: the checked record.
        row: the study to write over; None makes a new one.
        condition_ids: primary keys of the conditions by slug; must hold each that the record names.
        loaded_record: what the corpus file says, to tell later which fields an editor changed.
    """
    study = row or Study()
    for field in PLAIN_FIELDS:
        setattr(study, field, getattr(record, field))
    study.status = record.editorial.status
    study.entered_by = _editor(record.editorial.entered_by)
    study.checked_by = _editor(record.editorial.checked_by)
    study.checked_on = _day(record.editorial.checked_on)
    study.loaded_record = loaded_record
    study.save()
    _write_conditions(study, [condition_ids[slug] for slug in record.conditions])
    if row is not None:
        _clear_leaves(study)
    arms = _write_arms(study, record)
    _write_outcomes(study, record, arms)
    _write_side_effects(study, record, arms)
    _write_risk_of_bias(study, record)
    _write_second_reading(study, record.second_reading)
    _write_provenance(study, record, _write_sources(study, record))
    return study


def _write_conditions(study: Study, ids: list[int]) -> None:
    study.study_conditions.all().delete()
    StudyCondition.objects.bulk_create(
        StudyCondition(study=study, condition_id=pk, position=position) for position, pk in enumerate(ids)
    )


def _clear_leaves(study: Study) -> None:
    """Remove what hangs on arms and outcomes and is written anew as a whole."""
    ArmResult.objects.filter(outcome__study=study).delete()
    Effect.objects.filter(outcome__study=study).delete()
    SideEffectCount.objects.filter(report__study=study).delete()
    Dose.objects.filter(arm__study=study).delete()
    RiskOfBias.objects.filter(study=study).delete()
    Provenance.objects.filter(study=study).delete()
    Source.objects.filter(study=study).delete()
    SecondReading.objects.filter(study=study).delete()


def _write_arms(study: Study, record: StudyRecord) -> list[Arm]:
    arms = _sync(
        study.arms.all(),
        [Arm(study=study, position=i, name=a.name, role=a.role, n=a.n) for i, a in enumerate(record.arms)],
    )
    doses = {i: _dose(arms[i], a.dose) for i, a in enumerate(record.arms) if a.dose}
    Dose.objects.bulk_create(doses.values())
    TitrationStep.objects.bulk_create(
        _step(dose, position, step)
        for i, dose in doses.items()
        for position, step in enumerate(
            (record.arms[i].dose or DoseRecord(per=DosePer.DAY, route="oral")).titration or []
        )
    )
    return arms


def _dose(arm: Arm, record: DoseRecord) -> Dose:
    low, high = split_range(record.range_mg)
    per_kg = record.amount_mg_per_kg
    return Dose(
        arm=arm,
        **{field: getattr(record, field) for field in DOSE_FIELDS},
        range_text=record.range_mg,
        range_low_mg=low,
        range_high_mg=high,
        mg_per_kg=per_kg if isinstance(per_kg, Decimal) else None,
        mg_per_kg_text=per_kg if isinstance(per_kg, str) else None,
    )


def _step(dose: Dose, position: int, record: TitrationStepRecord) -> TitrationStep:
    unit = next(unit for unit in ("week", "month", "step") if getattr(record, unit) is not None)
    at = getattr(record, unit)
    return TitrationStep(
        dose=dose,
        position=position,
        unit=unit,
        at_number=at if isinstance(at, int) else None,
        at_text=at if isinstance(at, str) else None,
        amount_mg=record.mg,
    )


def _write_outcomes(study: Study, record: StudyRecord, arms: list[Arm]) -> None:
    outcomes = _sync(
        study.outcomes.all(), [_outcome(study, i, entry) for i, entry in enumerate(record.outcomes)]
    )
    default_arms = default_arm_of_sides(arms)
    pairs = list(zip(outcomes, record.outcomes, strict=True))
    ArmResult.objects.bulk_create(
        _result(outcome, side, result, arms, default_arms)
        for outcome, entry in pairs
        for side, result in (("intervention", entry.intervention), ("comparator", entry.comparator))
        if result
    )
    Effect.objects.bulk_create(_effect(outcome, entry) for outcome, entry in pairs if entry.effect)


def _outcome(study: Study, position: int, entry: OutcomeRecord) -> Outcome:
    return Outcome(
        study=study,
        position=position,
        name=entry.name,
        domain=entry.domain,
        instrument=entry.instrument,
        timepoint=entry.timepoint,
        is_primary=entry.primary,
        direction=entry.direction,
        better=entry.better,
    )


def _result(
    outcome: Outcome,
    side: str,
    record: ResultRecord,
    arms: list[Arm],
    default_arms: Mapping[str, Arm | None],
) -> ArmResult:
    relation, p, high = split_p(record.p)
    baseline = record.baseline
    return ArmResult(
        outcome=outcome,
        side=side,
        arm=default_arms[side] if record.arm is None else arms[record.arm],
        **{field: getattr(record, field) for field in RESULT_FIELDS},
        baseline=baseline if isinstance(baseline, Decimal) else None,
        baseline_text=baseline if isinstance(baseline, str) else None,
        p_relation=relation,
        p_value=p,
        p_high=high,
    )


def _effect(outcome: Outcome, entry: OutcomeRecord) -> Effect:
    record = entry.effect
    assert record is not None  # noqa: S101 - the caller has just looked
    relation, p, high = split_p(record.p)
    return Effect(
        outcome=outcome,
        **{field: getattr(record, field) for field in EFFECT_FIELDS},
        i2_percent=record.i2,
        p_relation=relation,
        p_value=p,
        p_high=high,
    )


def _write_side_effects(study: Study, record: StudyRecord, arms: list[Arm]) -> None:
    reports = _sync(
        study.side_effect_reports.all(),
        [
            _report(study, i, entry, side_effect_for(name=entry.name))
            for i, entry in enumerate(record.side_effects)
        ],
    )
    default_arms = default_arm_of_sides(arms)
    SideEffectCount.objects.bulk_create(
        _count(report, side, count, arms, default_arms)
        for report, entry in zip(reports, record.side_effects, strict=True)
        for side, count in (("intervention", entry.intervention), ("comparator", entry.comparator))
        if count
    )


def _report(
    study: Study, position: int, entry: SideEffectRecord, side_effect: SideEffect
) -> SideEffectReport:
    relation, p, high = split_p(entry.p)
    return SideEffectReport(
        study=study,
        side_effect=side_effect,
        position=position,
        reported_name=entry.name,
        note=entry.note,
        p_relation=relation,
        p_value=p,
        p_high=high,
    )


def _count(
    report: SideEffectReport,
    side: str,
    record: CountRecord,
    arms: list[Arm],
    default_arms: Mapping[str, Arm | None],
) -> SideEffectCount:
    return SideEffectCount(
        report=report,
        side=side,
        arm=default_arms[side] if record.arm is None else arms[record.arm],
        events=record.events,
        n=record.n,
        percent=record.percent,
    )


def _write_risk_of_bias(study: Study, record: StudyRecord) -> None:
    fields = [*JUDGEMENT_FIELDS, "tool", "judgement"]
    RiskOfBias.objects.bulk_create(
        RiskOfBias(study=study, position=position, **{field: getattr(entry, field) for field in fields})
        for position, entry in enumerate(record.risk_of_bias)
    )


def _write_second_reading(study: Study, record: SecondReadingRecord | None) -> None:
    if record is None:
        return
    reading = SecondReading.objects.create(
        study=study, read_on=record.read_on, agreed=record.agreed, not_seen=record.not_seen
    )
    Correction.objects.bulk_create(
        Correction(reading=reading, position=i, field=c.field, was=c.was, now=c.now, why=c.why)
        for i, c in enumerate(record.corrected)
    )


def _write_sources(study: Study, record: StudyRecord) -> list[Source]:
    return Source.objects.bulk_create(
        Source(study=study, position=i, url=s.url, used_for=s.used_for, kind=s.kind)
        for i, s in enumerate(record.sources)
    )


def _write_provenance(study: Study, record: StudyRecord, sources: list[Source]) -> None:
    """What the record says of where numbers were read; else the only source, or one of several."""
    noted: dict[str, list[ProvenanceRecord]] = defaultdict(list)
    for entry in record.provenance:
        noted[entry.of].append(entry)
    default = sources[0] if len(sources) == 1 else None
    rows: list[Provenance] = []
    for path, target in _targets(study):
        entries = noted.pop(path, None)
        rows += [_provenance(study, e, sources, target) for e in entries or []] or [
            Provenance(study=study, source=default, **target)
        ]
    rows += [
        _provenance(study, entry, sources, {"field": path})
        for path, entries in noted.items()
        for entry in entries
    ]
    Provenance.objects.bulk_create(rows)


def _targets(study: Study) -> list[tuple[str, dict[str, Any]]]:
    outcomes = study.outcomes.values_list("pk", flat=True)
    reports = study.side_effect_reports.values_list("pk", flat=True)
    return [(f"outcomes.{i}", {"outcome_id": pk}) for i, pk in enumerate(outcomes)] + [
        (f"side_effects.{i}", {"side_effect_report_id": pk}) for i, pk in enumerate(reports)
    ]


def _provenance(
    study: Study, entry: ProvenanceRecord, sources: list[Source], target: dict[str, Any]
) -> Provenance:
    return Provenance(
        study=study,
        source=None if entry.source is None else sources[entry.source],
        place=entry.place,
        quote=entry.quote,
        registry=entry.registry,
        read_by=entry.read_by,
        read_on=_day(entry.read_on),
        checked_by=_editor(entry.checked_by),
        checked_on=_day(entry.checked_on),
        **target,
    )


def _sync(existing: models.QuerySet[Any], wanted: list[Any]) -> list[Any]:
    """Make the rows at each position equal to those wanted; a position keeps its primary key."""
    rows = list(existing.order_by("position", "pk"))
    for row, new in zip(rows, wanted, strict=False):
        new.pk = row.pk
        new._state.adding = False
    for leftover in rows[len(wanted) :]:
        leftover.delete()
    for row in wanted:
        row.save()
    return wanted


def _editor(username: str | None) -> Any:
    """The editor of that name. One who has left is kept as a name that cannot sign in."""
    if username is None:
        return None
    editor, _ = get_user_model().objects.get_or_create(username=username, defaults={"is_active": False})
    return editor


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
