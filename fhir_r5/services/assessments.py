"""Risk of bias as ArtifactAssessment (https://hl7.org/fhir/R5/artifactassessment.html)."""

from __future__ import annotations

from fhir_r5.domain.codes import CERTAINTY_TYPE, Json
from fhir_r5.domain.shapes import keep, make_id, reference, resource, text_only
from studies.domain.risk_of_bias import TOOL_LABELS, overall_label
from studies.models import RiskOfBias, Study


def risk_of_bias(study: Study) -> Json | None:
    """Return the assessment of a study with the judgement of every domain; None where nobody has made one.

    The words are those of the tool. Who judged is named as the record names them.
    """
    rows = list(study.risk_of_bias.all())
    if not rows:
        return None
    tool, word = TOOL_LABELS[rows[0].tool], study.overall_risk_of_bias
    overall = overall_label(study.design, word) if word else None
    head = keep(
        informationType="container",
        summary=f"Overall: {overall}" if overall else "Not assessed in full.",
        type=CERTAINTY_TYPE.concept("RiskOfBias"),
        classifier=[text_only(text) for text in (tool, overall) if text],
        component=[_domain(row) for row in rows],
    )
    return resource(
        "ArtifactAssessment",
        make_id(study.key, "risk-of-bias"),
        title=f"Risk of bias of {study.key}, {tool}",
        date=max(row.assessed_on for row in rows),
        artifactReference=reference("Citation", study.key),
        content=[head],
    )


def _domain(row: RiskOfBias) -> Json:
    second = (
        f"; second assessor: {row.second_assessor}" if row.second_assessor else "; no second assessor yet"
    )
    return keep(
        informationType="rating",
        summary=row.reason,
        type=text_only(row.domain_label),
        classifier=[text_only(row.get_judgement_display())],
        author={"display": f"{row.assessed_by}{second}"},
    )
