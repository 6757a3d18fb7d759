"""Findings as Evidence (https://hl7.org/fhir/R5/evidence.html), of one study and of all on a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings

from conditions.domain.certainty import NO_EVIDENCE
from conditions.models import Certainty, Pool
from fhir_r5.domain.codes import (
    CERTAINTY_DOMAINS,
    CERTAINTY_RATING,
    CERTAINTY_TYPE,
    DOWN,
    MEASURES,
    MODEL,
    STATISTIC,
    SYNTHESIS,
    VARIABLE_ROLE,
    Json,
)
from fhir_r5.domain.shapes import (
    estimate,
    interval,
    keep,
    make_id,
    notes,
    quantity,
    reference,
    resource,
    text_only,
)
from fhir_r5.services.research_studies import designs_of
from fhir_r5.services.variables import EXPOSURE, population_of
from studies.domain.vocabulary import LABELS, ArmRole, Measure, PublicationStatus
from studies.models import Arm, ArmResult, Outcome, SideEffectReport, Study


def of_study(study: Study) -> Iterator[Json]:
    """Yield one Evidence for each outcome and each side effect; fetch the study with its record beforehand.

    Numbers are those that were printed. Evidence of a paper that was taken back is `retired`, and says why.
    """
    for outcome in study.outcomes.all():
        yield _of_outcome(study, outcome)
    for report in study.side_effect_reports.all():
        yield _of_side_effect(study, report)


def of_question(certainty: Certainty, pools: Sequence[Pool]) -> Json:
    """Return the Evidence of one question: what its pools add up to, and how sure that is, with the reasons.

    `pools` are those of the question, in any measure; without any the certainty stands alone.
    """
    with_studies = [pool for pool in pools if pool.k]
    ident = make_id(certainty.condition.slug, certainty.domain, certainty.comparator)
    return _evidence(
        ident,
        title=str(certainty),
        status="active",
        assertion=certainty.statement,
        note=notes(text for pool in with_studies for text in pool.notes),
        variableDefinition=[
            _role(
                "population", reference("EvidenceVariable", make_id("population", certainty.condition.slug))
            ),
            _role("exposure", reference("EvidenceVariable", EXPOSURE)),
            _role(
                "referenceExposure",
                reference("EvidenceVariable", make_id("comparator", certainty.comparator)),
            ),
            _role("measuredVariable", reference("EvidenceVariable", make_id("outcome", certainty.domain))),
        ],
        synthesisType=SYNTHESIS.concept("std-MA") if any(pool.k > 1 for pool in with_studies) else None,
        relatedArtifact=_sources(with_studies),
        statistic=[_pooled(pool) for pool in with_studies],
        certainty=[_certainty(certainty)],
    )


def _evidence(ident: str, **fields: Any) -> Json:
    return resource("Evidence", ident, url=f"{settings.PUBLIC_URL}/fhir/Evidence/{ident}", **fields)


def _from_study(study: Study, ident: str, warnings: Iterable[str | None], **fields: Any) -> Json:
    status = LABELS[PublicationStatus(study.publication_status)]
    gone = f"The paper is no longer to be relied on: {status.lower()}." if study.is_gone else None
    return _evidence(
        ident,
        status="retired" if study.is_gone else "active",
        note=notes([gone, *warnings]),
        relatedArtifact=[_derived(study.key)],
        studyDesign=designs_of(study),
        **fields,
    )


def _derived(key: str) -> Json:
    return {"type": "derived-from", "resourceReference": reference("Citation", key)}


def _sources(pools: Sequence[Pool]) -> list[Json]:
    keys = {row.study.key for pool in pools for row in pool.rows.all() if row.is_in}
    return [_derived(key) for key in sorted(keys)]


def _of_outcome(study: Study, outcome: Outcome) -> Json:
    ident = make_id(study.key, "outcome", outcome.position)
    effect = getattr(outcome, "effect", None)
    return _from_study(
        study,
        ident,
        [effect.note if effect else None],
        title=outcome.name,
        assertion=outcome.get_direction_display(),
        variableDefinition=_definitions(study, ident),
        statistic=[*map(_result, outcome.results.all()), *([_effect(effect)] if effect else [])],
    )


def _of_side_effect(study: Study, report: SideEffectReport) -> Json:
    ident = make_id(study.key, "side-effect", report.position)
    words = f"p {report.p_text}" if report.p_text else None
    return _from_study(
        study,
        ident,
        [report.note, words],
        title=report.reported_name,
        variableDefinition=_definitions(study, ident),
        statistic=[
            keep(
                description=count.arm.name if count.arm else count.get_side_display(),
                quantity=quantity(count.percent, "%", "%"),
                numberAffected=count.events,
                sampleSize=keep(knownDataCount=count.n),
            )
            for count in report.counts.all()
        ],
    )


def _definitions(study: Study, measured: str) -> list[Json]:
    people = population_of(study)
    return [
        *([_role("population", people)] if people else []),
        *(_exposure(study, arm) for arm in study.arms.all()),
        _role("measuredVariable", reference("EvidenceVariable", measured)),
    ]


def _exposure(study: Study, arm: Arm) -> Json:
    role = "exposure" if arm.role == ArmRole.INTERVENTION else "referenceExposure"
    return _role(role, reference("EvidenceVariable", make_id(study.key, "arm", arm.position), arm.name))


def _role(role: str, observed: Json) -> Json:
    return {"variableRole": VARIABLE_ROLE.concept(role), "observed": observed}


def _result(result: ArmResult) -> Json:
    baseline = result.baseline if result.baseline is not None else result.baseline_text
    return keep(
        description=result.arm.name if result.arm else result.get_side_display(),
        note=notes([result.note, f"Before: {baseline}" if baseline is not None else None, _p(result)]),
        quantity=quantity(result.value, result.unit),
        numberAffected=result.events,
        sampleSize=keep(knownDataCount=result.n),
        attributeEstimate=[
            *interval(result.ci_low, result.ci_high),
            *estimate("C53322", result.sd, result.unit),
        ],
    )


def _p(reported: Any) -> str | None:
    return f"p {reported.p_text}" if reported.p_text else None


def _effect(effect: Any) -> Json:
    measure = Measure(effect.measure) if effect.measure else None
    return keep(
        description="The difference between the groups",
        statisticType=_type_of(measure) if measure else None,
        quantity=quantity(effect.value),
        attributeEstimate=[
            *interval(effect.ci_low, effect.ci_high),
            *estimate("C44185", effect.p_value if effect.p_relation == "=" else None, words=_p(effect) or ""),
            *estimate("0000420", effect.i2_percent, "%", "%"),
        ],
    )


def _type_of(measure: Measure) -> Json:
    code = MEASURES.get(measure)
    return STATISTIC.concept(code) if code else text_only(LABELS[measure])


def _pooled(pool: Pool) -> Json:
    address = f"{settings.PUBLIC_URL}{pool.get_absolute_url()}"
    methods = (
        ("effectsRandom", "tauRestrictedMaximumLikelihood", "modifiedHartungKnapp") if pool.k > 1 else ()
    )
    return keep(
        description=f"{LABELS[Measure(pool.measure)]}{f', {pool.scale}' if pool.scale else ''}: {address}",
        statisticType=_type_of(Measure(pool.measure)),
        quantity=quantity(pool.estimate),
        sampleSize={"numberOfStudies": pool.k, "numberOfParticipants": pool.n_people},
        attributeEstimate=[
            *interval(pool.ci_low, pool.ci_high),
            *interval(pool.prediction_low, pool.prediction_high, code="", text="Prediction interval"),
            *estimate("0000420", pool.i2, "%", "%"),
            *estimate("0000421", pool.tau2),
        ],
        modelCharacteristic=[{"code": MODEL.concept(code)} for code in methods],
    )


def _certainty(certainty: Certainty) -> Json:
    reason = certainty.override_reason if certainty.override_level else None
    return keep(
        description=f"{certainty.word_label} certainty" if certainty.word != NO_EVIDENCE else "No evidence",
        note=notes([reason]),
        type=CERTAINTY_TYPE.concept("Overall"),
        rating=_rating(certainty.word),
        rater=_rater(certainty),
        subcomponent=[_step(step) for step in certainty.steps if step["domain"] in CERTAINTY_DOMAINS],
    )


def _rating(word: str) -> Json:
    """No evidence is no grade of certainty: it is said in words."""
    return (
        text_only("No evidence") if word == NO_EVIDENCE else CERTAINTY_RATING.concept(word.replace("_", "-"))
    )


def _rater(certainty: Certainty) -> str:
    if certainty.override_level:
        return "An editor, in place of the computed word"
    return f"Computed by version {certainty.version} of the rules: {settings.PUBLIC_URL}/methods/"


def _step(step: dict[str, Any]) -> Json:
    return keep(
        note=notes([step["reason"]]),
        type=CERTAINTY_TYPE.concept(CERTAINTY_DOMAINS[step["domain"]]),
        rating=CERTAINTY_RATING.concept(DOWN[step["change"]]),
    )
