"""The code lists of FHIR R5 that are used here, each with the codes that we give.

Lists: https://hl7.org/fhir/R5/terminologies-valuesets.html. A thing for which a list has no code is given in
words alone: a code that nearly fits would say something that the record does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studies.domain.vocabulary import ArmRole, Blinding, Design, Measure, PublicationStatus

THO = "http://terminology.hl7.org/CodeSystem"
HL7 = "http://hl7.org/fhir"

Json = dict[str, Any]


@dataclass(frozen=True)
class CodeList:
    """A code system and the codes of it that we give, each with its display."""

    system: str
    codes: Mapping[str, str]

    def concept(self, code: str, text: str = "") -> Json:
        """Return a CodeableConcept. Raises KeyError for a code that is not among ours."""
        coding = {"system": self.system, "code": code, "display": self.codes[code]}
        return {"coding": [coding], **({"text": text} if text else {})}


STATISTIC = CodeList(
    f"{THO}/statistic-type",
    {
        "0000457": "Mean Difference",
        "0000100": "Standardized Mean Difference",
        "C93152": "Relative Risk",
        "C16932": "Odds Ratio",
        "0000424": "Risk Difference",
        "C93150": "Hazard Ratio",
        "C25463": "Count",
    },
)
ESTIMATE = CodeList(
    f"{THO}/attribute-estimate-type",
    {
        "C53324": "Confidence interval",
        "C44185": "P-value",
        "C53322": "Standard deviation",
        "0000420": "I-squared",
        "0000421": "Tau squared",
        "0000419": "Cochran's Q statistic",
    },
)
CERTAINTY_TYPE = CodeList(
    f"{HL7}/certainty-type",
    {
        "Overall": "Overall certainty",
        "RiskOfBias": "Risk of bias",
        "Inconsistency": "Inconsistency",
        "Indirectness": "Indirectness",
        "Imprecision": "Imprecision",
        "PublicationBias": "Publication bias",
    },
)
CERTAINTY_RATING = CodeList(
    f"{HL7}/certainty-rating",
    {
        "high": "High quality",
        "moderate": "Moderate quality",
        "low": "Low quality",
        "very-low": "Very low quality",
        "no-change": "no change to rating",
        "downcode1": "reduce rating: -1",
        "downcode2": "reduce rating: -2",
    },
)
VARIABLE_ROLE = CodeList(
    f"{THO}/variable-role",
    {
        "population": "population",
        "exposure": "exposure",
        "referenceExposure": "reference exposure",
        "measuredVariable": "measured variable",
    },
)
SYNTHESIS = CodeList(f"{THO}/synthesis-type", {"std-MA": "summary data meta-analysis"})
MODEL = CodeList(
    f"{HL7}/statistic-model-code",
    {
        "effectsRandom": "Random-effects",
        "tauRestrictedMaximumLikelihood": "Restricted Maximum Likelihood method",
        "modifiedHartungKnapp": "Modified Hartung-Knapp adjustment",
    },
)
STUDY_DESIGN = CodeList(
    f"{HL7}/study-design",
    {
        "SEVCO:01001": "Interventional research",
        "SEVCO:01002": "Observational research",
        "SEVCO:01003": "randomized assignment",
        "SEVCO:01005": "Non-randomized assignment",
        "SEVCO:01011": "Parallel cohort design",
        "SEVCO:01012": "Crossover cohort design",
        "SEVCO:01013": "Case control design",
        "SEVCO:01016": "Uncontrolled cohort design",
        "SEVCO:01017": "Case report",
        "SEVCO:01019": "Before and after comparison",
        "SEVCO:01029": "Clinical trial",
    },
)
ARM = CodeList(
    f"{HL7}/research-study-arm-type",
    {
        "experimental": "Experimental",
        "placebo-comparator": "Placebo Comparator",
        "active-comparator": "Active Comparator",
        "no-intervention": "No Intervention",
    },
)
PROGRESS = CodeList(
    f"{HL7}/research-study-status",
    {
        "not-yet-recruiting": "Not Yet Recruiting",
        "recruiting": "Recruiting",
        "active-but-not-recruiting": "Active but not Recruiting",
        "completed": "Completed",
        "terminated": "Terminated",
        "withdrawn": "Withdrawn",
        "temporarily-closed-to-accrual": "Temporarily Closed to Accrual",
    },
)
PHASE = CodeList(
    f"{THO}/research-study-phase",
    {
        "n-a": "N/A",
        "phase-1": "Phase 1",
        "phase-1-phase-2": "Phase 1/Phase 2",
        "phase-2": "Phase 2",
        "phase-3": "Phase 3",
        "phase-4": "Phase 4",
    },
)
OBJECTIVE = CodeList(f"{THO}/research-study-objective-type", {"primary": "Primary", "secondary": "Secondary"})
PARTY = CodeList(
    f"{HL7}/research-study-party-role", {"sponsor": "sponsor", "funding-source": "funding source"}
)
ARTIFACT_STATE = CodeList(
    f"{HL7}/cited-artifact-status-type",
    {"retracted": "Retracted", "withdrawn": "Withdrawn", "published-final-form": "Published in final form"},
)
CONTRIBUTORS = CodeList(f"{HL7}/contributor-summary-type", {"author-string": "Author string"})

ALL = (
    *(STATISTIC, ESTIMATE, CERTAINTY_TYPE, CERTAINTY_RATING, VARIABLE_ROLE, SYNTHESIS, MODEL, STUDY_DESIGN),
    *(ARM, PROGRESS, PHASE, OBJECTIVE, PARTY, ARTIFACT_STATE, CONTRIBUTORS),
)

MEASURES = {
    Measure.MD: "0000457",
    Measure.SMD: "0000100",
    Measure.RR: "C93152",
    Measure.OR: "C16932",
    Measure.RD: "0000424",
    Measure.HR: "C93150",
}
# What a design says of itself; for reviews, animals and cells the list has no word.
DESIGNS: dict[Design, tuple[str, ...]] = {
    Design.RCT_PARALLEL: ("SEVCO:01029", "SEVCO:01003", "SEVCO:01011"),
    Design.RCT_CROSSOVER: ("SEVCO:01029", "SEVCO:01003", "SEVCO:01012"),
    Design.NONRANDOMISED_TRIAL: ("SEVCO:01029", "SEVCO:01005"),
    Design.OPEN_LABEL_TRIAL: ("SEVCO:01029",),
    Design.SINGLE_ARM_TRIAL: ("SEVCO:01029", "SEVCO:01016"),
    Design.BEFORE_AFTER: ("SEVCO:01019",),
    Design.COHORT: ("SEVCO:01002",),
    Design.CASE_CONTROL: ("SEVCO:01002", "SEVCO:01013"),
    Design.CHART_REVIEW: ("SEVCO:01002",),
    Design.DRUG_UTILISATION: ("SEVCO:01002",),
    Design.SURVEY: ("SEVCO:01002",),
    Design.CASE_SERIES: ("SEVCO:01002", "SEVCO:01016"),
    Design.CASE_REPORT: ("SEVCO:01002", "SEVCO:01017"),
}
ARM_TYPES = {
    ArmRole.INTERVENTION: "experimental",
    ArmRole.PLACEBO: "placebo-comparator",
    ArmRole.ACTIVE_CONTROL: "active-comparator",
    ArmRole.NO_TREATMENT: "no-intervention",
}
BLINDED = {Blinding.SINGLE, Blinding.DOUBLE}
# The list knows two words for a paper that no longer stands; the others are said in words.
ARTIFACT_STATES = {
    PublicationStatus.RETRACTED: "retracted",
    PublicationStatus.WITHDRAWN: "withdrawn",
}
# As registries word it, in lower case up to a comma or bracket.
PROGRESS_WORDS = {
    "not yet recruiting": "not-yet-recruiting",
    "recruiting": "recruiting",
    "active, not recruiting": "active-but-not-recruiting",
    "completed": "completed",
    "completed, no results posted": "completed",
    "terminated": "terminated",
    "withdrawn": "withdrawn",
    "suspended": "temporarily-closed-to-accrual",
}
PHASES = {
    "N/A": "n-a",
    "1": "phase-1",
    "1/2": "phase-1-phase-2",
    "2": "phase-2",
    "3": "phase-3",
    "4": "phase-4",
}
# Missing evidence is what GRADE calls publication bias.
CERTAINTY_DOMAINS = {
    "risk of bias": "RiskOfBias",
    "inconsistency": "Inconsistency",
    "indirectness": "Indirectness",
    "imprecision": "Imprecision",
    "missing evidence": "PublicationBias",
}
DOWN = {0: "no-change", -1: "downcode1", -2: "downcode2"}
