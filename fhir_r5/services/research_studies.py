"""What was done, and what is registered, as ResearchStudy (https://hl7.org/fhir/R5/researchstudy.html)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from fhir_r5.domain.codes import (
    ARM,
    ARM_TYPES,
    DESIGNS,
    OBJECTIVE,
    PARTY,
    PHASE,
    PHASES,
    PROGRESS,
    PROGRESS_WORDS,
    STUDY_DESIGN,
    Json,
)
from fhir_r5.domain.shapes import keep, make_id, notes, reference, resource, text_only
from studies.domain.dosing import describe_dose
from studies.domain.vocabulary import LABELS, ArmRole, Blinding, Design
from studies.models import Arm, Outcome, Study, Trial

REGISTRY = "https://clinicaltrials.gov"
MESH = "http://id.nlm.nih.gov/mesh"


def research_study(study: Study) -> Json:
    """Return the ResearchStudy of a study; fetch it with its whole record beforehand.

    `status` is of our entry: active, or retired once the paper was taken back.
    """
    return resource(
        "ResearchStudy",
        study.key,
        url=f"{settings.PUBLIC_URL}/fhir/ResearchStudy/{study.key}",
        identifier=[_registered(number) for number in study.registry_ids],
        title=study.title,
        status="retired" if study.is_gone else "active",
        studyDesign=designs_of(study),
        condition=[condition_concept(link.condition) for link in study.study_conditions.all()],
        region=[text_only(study.country)] if study.country else [],
        description=study.conclusion,
        note=notes([f"Limitation: {text}" for text in study.limitations]),
        associatedParty=_funding(study),
        recruitment=keep(actualNumber=study.n_enrolled),
        comparisonGroup=[_group(study, arm) for arm in study.arms.all()],
        outcomeMeasure=[_measure(study, outcome) for outcome in study.outcomes.all()],
        result=[reference("Citation", study.key)],
    )


def registered_trial(trial: Trial) -> Json:
    """Return the ResearchStudy of a registry's entry, with when the registry was last read."""
    phase = PHASES.get(trial.phase or "")
    results = trial.published_results
    return resource(
        "ResearchStudy",
        make_id(trial.registry_id),
        url=f"{settings.PUBLIC_URL}/fhir/ResearchStudy/{make_id(trial.registry_id)}",
        identifier=[_registered(trial.registry_id)],
        title=trial.title,
        status="unknown" if trial.status is None else "active",
        phase=PHASE.concept(phase) if phase else None,
        condition=[condition_concept(row) for row in trial.conditions.all()],
        period=keep(start=trial.start, end=trial.completion),
        note=notes([trial.dose and f"Dose: {trial.dose}", trial.note, _as_of(trial)]),
        associatedParty=_party("sponsor", trial.sponsor),
        progressStatus=_progress(trial),
        whyStopped=text_only(trial.why_stopped) if trial.why_stopped else None,
        recruitment=keep(targetNumber=trial.enrolment),
        result=[reference("Citation", results.key)] if results else [],
    )


def designs_of(study: Study) -> list[Json]:
    """Return the design as codes where the list has them, and always in our words."""
    design = Design(study.design)
    concepts = [STUDY_DESIGN.concept(code) for code in DESIGNS.get(design, ())]
    blinding = Blinding(study.blinding)
    blinded = [] if blinding == Blinding.UNCLEAR else [text_only(LABELS[blinding])]
    return [*concepts, text_only(LABELS[design]), *blinded]


def condition_concept(condition: Any) -> Json:
    """Return a condition by its name, with its MeSH code where there is one."""
    coding = (
        keep(system=MESH, code=condition.mesh_id, display=condition.mesh_name) if condition.mesh_id else None
    )
    return keep(coding=[coding] if coding else None, text=condition.name)


def _registered(number: str) -> Json:
    return keep(system=REGISTRY if number.startswith("NCT") else None, value=number)


def _party(role: str, name: str | None) -> list[Json]:
    return [{"name": name, "role": PARTY.concept(role)}] if name else []


def _funding(study: Study) -> list[Json]:
    return _party("funding-source", study.funding)


def _group(study: Study, arm: Arm) -> Json:
    dose = getattr(arm, "dose", None)
    people = f"{arm.n} people" if arm.n is not None else ""
    return keep(
        linkId=make_id("arm", arm.position),
        name=arm.name,
        type=ARM.concept(ARM_TYPES[ArmRole(arm.role)]),
        description="; ".join(filter(None, [describe_dose(dose) if dose else "", people])),
        intendedExposure=[reference("EvidenceVariable", make_id(study.key, "arm", arm.position))],
    )


def _measure(study: Study, outcome: Outcome) -> Json:
    kind = {True: "primary", False: "secondary"}.get(outcome.is_primary)  # type: ignore[arg-type]
    return keep(
        name=outcome.name,
        type=[OBJECTIVE.concept(kind)] if kind else [],
        description=", ".join(filter(None, [outcome.instrument, outcome.timepoint])),
        reference=reference("EvidenceVariable", make_id(study.key, "outcome", outcome.position)),
    )


def _progress(trial: Trial) -> list[Json]:
    return [{"state": state} for state in _states(trial)]


def _states(trial: Trial) -> Iterator[Json]:
    if trial.status:
        code = PROGRESS_WORDS.get(trial.status)
        yield PROGRESS.concept(code, trial.status) if code else text_only(trial.status)


def _as_of(trial: Trial) -> str:
    return f"Status as of {trial.status_as_of}" if trial.status_as_of else ""
