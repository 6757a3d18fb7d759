"""The closed lists of words a record may use, and how a reader meets them."""

from __future__ import annotations

from enum import StrEnum


class Design(StrEnum):
    """How a study was built; the record names exactly one."""

    RCT_PARALLEL = "rct_parallel"
    RCT_CROSSOVER = "rct_crossover"
    NONRANDOMISED_TRIAL = "nonrandomised_trial"
    OPEN_LABEL_TRIAL = "open_label_trial"
    SINGLE_ARM_TRIAL = "single_arm_trial"
    BEFORE_AFTER = "before_after"
    COHORT = "cohort"
    CASE_CONTROL = "case_control"
    CHART_REVIEW = "chart_review"
    DRUG_UTILISATION = "drug_utilisation"
    SURVEY = "survey"
    CASE_SERIES = "case_series"
    CASE_REPORT = "case_report"
    META_ANALYSIS = "meta_analysis"
    SYSTEMATIC_REVIEW = "systematic_review"
    NARRATIVE_REVIEW = "narrative_review"
    TRIAL_PROTOCOL = "trial_protocol"
    PHARMACOKINETIC = "pharmacokinetic"
    ANIMAL = "animal"
    IN_VITRO = "in_vitro"


class DesignGroup(StrEnum):
    """The groups in which designs are counted and listed, strongest first."""

    RANDOMISED = "randomised"
    REVIEW = "review"
    OTHER_TRIAL = "other_trial"
    OBSERVATIONAL = "observational"
    CASES = "cases"
    NARRATIVE = "narrative"
    LABORATORY = "laboratory"
    PROTOCOL = "protocol"


class Blinding(StrEnum):
    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"
    UNCLEAR = "unclear"


class ArmRole(StrEnum):
    INTERVENTION = "intervention"
    PLACEBO = "placebo"
    ACTIVE_CONTROL = "active_control"
    NO_TREATMENT = "no_treatment"


class OutcomeDomain(StrEnum):
    PAIN = "pain"
    FATIGUE = "fatigue"
    SLEEP = "sleep"
    MOOD = "mood"
    FUNCTION = "function"
    QUALITY_OF_LIFE = "quality_of_life"
    DISEASE_ACTIVITY = "disease_activity"
    REMISSION = "remission"
    RESPONSE = "response"
    SKIN = "skin"
    INFLAMMATION = "inflammation"
    MEDICATION_USE = "medication_use"
    OTHER = "other"


class Measure(StrEnum):
    """What an effect is measured in; the abbreviations are the field's own."""

    MD = "MD"
    SMD = "SMD"
    RR = "RR"
    OR = "OR"
    RD = "RD"
    HR = "HR"
    PERCENT_CHANGE = "percent_change"


class Direction(StrEnum):
    FAVOURS_LDN = "favours_ldn"
    NO_DIFFERENCE = "no_difference"
    FAVOURS_COMPARATOR = "favours_comparator"
    UNCLEAR = "unclear"


class Better(StrEnum):
    """On which side of no difference people are better off."""

    LOWER = "lower"
    HIGHER = "higher"


class SourceKind(StrEnum):
    PRIMARY = "primary"
    REGISTRY = "registry"
    SECONDARY = "secondary"


class DosePer(StrEnum):
    DAY = "day"
    DOSE = "dose"
    SINGLE_DOSE = "single dose"
    HOURS_48 = "48 hours"
    ANIMAL_STUDY = "animal study"


class PublicationStatus(StrEnum):
    """What the registries say of a paper.

    `unknown` means that none has answered yet, or that one says something only an editor can read.
    """

    UNKNOWN = "unknown"
    CURRENT = "current"
    CORRECTED = "corrected"
    CONCERN = "concern"
    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"
    REPUBLISHED = "retracted and republished"


LABELS: dict[StrEnum, str] = {
    Design.RCT_PARALLEL: "Randomised trial, parallel groups",
    Design.RCT_CROSSOVER: "Randomised trial, crossover",
    Design.NONRANDOMISED_TRIAL: "Trial without random allocation",
    Design.OPEN_LABEL_TRIAL: "Open-label trial",
    Design.SINGLE_ARM_TRIAL: "Trial with one group only",
    Design.BEFORE_AFTER: "Before-and-after study",
    Design.COHORT: "Cohort study",
    Design.CASE_CONTROL: "Case-control study",
    Design.CHART_REVIEW: "Chart review",
    Design.DRUG_UTILISATION: "Prescription-register study",
    Design.SURVEY: "Survey",
    Design.CASE_SERIES: "Case series",
    Design.CASE_REPORT: "Case report",
    Design.META_ANALYSIS: "Meta-analysis",
    Design.SYSTEMATIC_REVIEW: "Systematic review",
    Design.NARRATIVE_REVIEW: "Narrative review",
    Design.TRIAL_PROTOCOL: "Trial protocol",
    Design.PHARMACOKINETIC: "Pharmacokinetic study",
    Design.ANIMAL: "Animal study",
    Design.IN_VITRO: "Laboratory study (cells)",
    DesignGroup.RANDOMISED: "Randomised trials",
    DesignGroup.REVIEW: "Systematic reviews and meta-analyses",
    DesignGroup.OTHER_TRIAL: "Other trials",
    DesignGroup.OBSERVATIONAL: "Observational studies",
    DesignGroup.CASES: "Case reports and series",
    DesignGroup.NARRATIVE: "Narrative reviews",
    DesignGroup.LABORATORY: "Laboratory, animal and drug-level studies",
    DesignGroup.PROTOCOL: "Trial protocols",
    Blinding.NONE: "Not blinded",
    Blinding.SINGLE: "Single-blind",
    Blinding.DOUBLE: "Double-blind",
    Blinding.UNCLEAR: "Blinding unclear",
    ArmRole.INTERVENTION: "Intervention",
    ArmRole.PLACEBO: "Placebo",
    ArmRole.ACTIVE_CONTROL: "Active control",
    ArmRole.NO_TREATMENT: "No treatment",
    OutcomeDomain.PAIN: "Pain",
    OutcomeDomain.FATIGUE: "Fatigue",
    OutcomeDomain.SLEEP: "Sleep",
    OutcomeDomain.MOOD: "Mood",
    OutcomeDomain.FUNCTION: "Function",
    OutcomeDomain.QUALITY_OF_LIFE: "Quality of life",
    OutcomeDomain.DISEASE_ACTIVITY: "Disease activity",
    OutcomeDomain.REMISSION: "Remission",
    OutcomeDomain.RESPONSE: "Response to treatment",
    OutcomeDomain.SKIN: "Skin",
    OutcomeDomain.INFLAMMATION: "Inflammation",
    OutcomeDomain.MEDICATION_USE: "Use of medicines",
    OutcomeDomain.OTHER: "Other",
    Measure.MD: "Mean difference",
    Measure.SMD: "Standardised mean difference",
    Measure.RR: "Risk ratio",
    Measure.OR: "Odds ratio",
    Measure.RD: "Risk difference",
    Measure.HR: "Hazard ratio",
    Measure.PERCENT_CHANGE: "Percent change",
    Direction.FAVOURS_LDN: "Favours LDN",
    Direction.NO_DIFFERENCE: "No difference shown",
    Direction.FAVOURS_COMPARATOR: "Favours the comparison",
    Direction.UNCLEAR: "Unclear",
    Better.LOWER: "Lower is better",
    Better.HIGHER: "Higher is better",
    SourceKind.PRIMARY: "Primary source",
    SourceKind.REGISTRY: "Trial registry",
    SourceKind.SECONDARY: "Secondary copy, no address kept",
    DosePer.DAY: "a day",
    DosePer.DOSE: "a dose",
    DosePer.SINGLE_DOSE: "as a single dose",
    DosePer.HOURS_48: "every 48 hours",
    DosePer.ANIMAL_STUDY: "in animals",
    PublicationStatus.UNKNOWN: "Not known",
    PublicationStatus.CURRENT: "No notice found",
    PublicationStatus.CORRECTED: "Corrected",
    PublicationStatus.CONCERN: "Expression of concern",
    PublicationStatus.RETRACTED: "Retracted",
    PublicationStatus.WITHDRAWN: "Withdrawn",
    PublicationStatus.REINSTATED: "Reinstated",
    PublicationStatus.REPUBLISHED: "Retracted and republished",
}

DESIGN_GROUPS: dict[DesignGroup, tuple[Design, ...]] = {
    DesignGroup.RANDOMISED: (Design.RCT_PARALLEL, Design.RCT_CROSSOVER),
    DesignGroup.REVIEW: (Design.META_ANALYSIS, Design.SYSTEMATIC_REVIEW),
    DesignGroup.OTHER_TRIAL: (
        Design.NONRANDOMISED_TRIAL,
        Design.OPEN_LABEL_TRIAL,
        Design.SINGLE_ARM_TRIAL,
        Design.BEFORE_AFTER,
    ),
    DesignGroup.OBSERVATIONAL: (
        Design.COHORT,
        Design.CASE_CONTROL,
        Design.CHART_REVIEW,
        Design.DRUG_UTILISATION,
        Design.SURVEY,
    ),
    DesignGroup.CASES: (Design.CASE_SERIES, Design.CASE_REPORT),
    DesignGroup.NARRATIVE: (Design.NARRATIVE_REVIEW,),
    DesignGroup.LABORATORY: (Design.PHARMACOKINETIC, Design.ANIMAL, Design.IN_VITRO),
    DesignGroup.PROTOCOL: (Design.TRIAL_PROTOCOL,),
}


def group_of(design: str) -> DesignGroup:
    """The group that a design is counted in.

    >>> group_of("rct_crossover").value
    'randomised'
    """
    return next(group for group, designs in DESIGN_GROUPS.items() if design in designs)


def choices_of(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Pairs of (stored word, label) in the order of the list, for a model field or a form."""
    return [(word.value, LABELS[word]) for word in words]
