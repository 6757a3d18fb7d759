"""Who, what and which outcome as EvidenceVariable (https://hl7.org/fhir/R5/evidencevariable.html)."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from conditions.domain.question import COMPARATOR_LABELS, Comparator
from conditions.models import Condition
from fhir_r5.domain.codes import Json
from fhir_r5.domain.shapes import keep, make_id, notes, reference, resource
from fhir_r5.services.research_studies import condition_concept
from studies.domain.dosing import describe_dose
from studies.domain.vocabulary import LABELS, OutcomeDomain
from studies.models import Arm, Outcome, SideEffectReport, Study

EXPOSURE = "exposure.ldn"


def of_study(study: Study) -> Iterator[Json]:
    """Yield the people, groups, outcomes and side effects of one study."""
    if study.population:
        ident = make_id(study.key, "population")
        yield _variable(ident, study.population, characteristic=[{"description": study.population}])
    for arm in study.arms.all():
        yield _arm(study, arm)
    for outcome in study.outcomes.all():
        yield _outcome(study, outcome)
    for report in study.side_effect_reports.all():
        yield _side_effect(study, report)


def shared() -> Iterator[Json]:
    """Yield what the questions of all conditions are asked with: exposure, comparisons, outcomes, people."""
    words = "Naltrexone in low dose, about 0.5 to 6 mg a day"
    yield _variable(EXPOSURE, "Low-dose naltrexone", characteristic=[{"description": words}])
    for comparator in Comparator:
        label = COMPARATOR_LABELS[comparator]
        yield _variable(make_id("comparator", comparator), label, characteristic=[{"description": label}])
    for domain in OutcomeDomain:
        yield _variable(make_id("outcome", domain), LABELS[domain])
    for condition in Condition.objects.order_by("slug"):
        yield of_condition(condition)


def of_condition(condition: Condition) -> Json:
    """Return the people whom the questions of a condition are about."""
    concept = condition_concept(condition)
    characteristic = {"description": condition.definition, "definitionCodeableConcept": concept}
    return _variable(make_id("population", condition.slug), condition.name, characteristic=[characteristic])


def population_of(study: Study) -> Json | None:
    """Return the reference to a study's people; None where the record does not say who they were."""
    return reference("EvidenceVariable", make_id(study.key, "population")) if study.population else None


def _variable(ident: str, title: str, **fields: object) -> Json:
    url = f"{settings.PUBLIC_URL}/fhir/EvidenceVariable/{ident}"
    return resource("EvidenceVariable", ident, url=url, title=title, status="active", **fields)


def _arm(study: Study, arm: Arm) -> Json:
    dose = getattr(arm, "dose", None)
    words = describe_dose(dose) if dose else arm.get_role_display()
    ident = make_id(study.key, "arm", arm.position)
    return _variable(
        ident, arm.name, description=arm.get_role_display(), characteristic=[{"description": words}]
    )


def _outcome(study: Study, outcome: Outcome) -> Json:
    better = outcome.get_better_display() if outcome.better else None
    return _variable(
        make_id(study.key, "outcome", outcome.position),
        outcome.name,
        shortTitle=outcome.instrument,
        description=", ".join(filter(None, [outcome.get_domain_display(), outcome.timepoint])),
        note=notes([better]),
    )


def _side_effect(study: Study, report: SideEffectReport) -> Json:
    ident = make_id(study.key, "side-effect", report.position)
    return _variable(ident, report.reported_name, **keep(description=report.side_effect.name))
