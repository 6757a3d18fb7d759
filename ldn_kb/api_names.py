"""What the API's schema calls each closed list of words.

By hand, so that a new field elsewhere renames nothing for those who made a client from the schema.
"""

from typing import Any, get_args

from conditions.domain.cascade import AnswerKind
from conditions.domain.finding import PLACE_LABELS
from conditions.domain.pool_request import CountsMethod, PoolMethod
from conditions.domain.question import CLAIMED_CHOICES, COMPARATOR_LABELS, KIND_LABELS
from conditions.domain.statement import Direction as FindingDirection
from conditions.domain.statement import Size
from studies.domain.dosing import BAND_CHOICES
from studies.domain.risk_of_bias import JUDGEMENT_LABELS, TOOL_LABELS
from studies.domain.trial_state import STATE_LABELS
from studies.domain.vocabulary import (
    ArmRole,
    Better,
    Blinding,
    Design,
    DesignGroup,
    Direction,
    DosePer,
    Measure,
    OutcomeDomain,
    PublicationStatus,
    SourceKind,
    choices_of,
)

# Settings are read before any model, hence the paths.
ENUMS: dict[str, Any] = {
    # Of the calculator of pools.
    "CountsMeasureEnum": ["RR", "OR", "RD"],
    "MeansMeasureEnum": ["MD", "SMD"],
    "CountsMethodEnum": list(get_args(CountsMethod)),
    "PoolMethodEnum": list(get_args(PoolMethod)),
    "ArmRoleEnum": choices_of(ArmRole),
    "BetterEnum": choices_of(Better),
    "BlindingEnum": choices_of(Blinding),
    "DesignEnum": choices_of(Design),
    "DesignGroupEnum": choices_of(DesignGroup),
    "DirectionEnum": choices_of(Direction),
    "DoseBandEnum": BAND_CHOICES,
    "DosePerEnum": choices_of(DosePer),
    "MeasureEnum": choices_of(Measure),
    "OutcomeDomainEnum": choices_of(OutcomeDomain),
    "PublicationStatusEnum": choices_of(PublicationStatus),
    "SourceKindEnum": choices_of(SourceKind),
    "ProblemLocationEnum": "studies.api.problems.LOCATIONS",
    "RiskOfBiasToolEnum": list(TOOL_LABELS.items()),
    "RiskOfBiasDomainEnum": "studies.models.risk_of_bias.DOMAIN_CHOICES",
    "RiskOfBiasJudgementEnum": list(JUDGEMENT_LABELS.items()),
    "TrialStateEnum": list(STATE_LABELS.items()),
    "NoticeKindEnum": "studies.models.Notice.Kind",
    "RegistryEnum": "studies.models.Registry",
    "RegistryAnswerEnum": "studies.models.RegistryCheck.Answer",
    "SideEnum": "studies.models.Side",
    "TitrationUnitEnum": "studies.models.TitrationStep.Unit",
    "VerdictEnum": "conditions.models.claim.VERDICT_CHOICES",
    "PoolReasonEnum": "conditions.models.pool.REASON_CHOICES",
    "QuestionKindEnum": list(KIND_LABELS.items()),
    "ComparatorEnum": list(COMPARATOR_LABELS.items()),
    "ClaimedDirectionEnum": CLAIMED_CHOICES,
    "FindingPlaceEnum": list(PLACE_LABELS.items()),
    "AnswerKindEnum": [kind.value for kind in AnswerKind],
    "ChangeCauseEnum": "conditions.models.AnswerChange.Cause",
    "CertaintyComparatorEnum": [
        ("placebo", "Placebo"),
        ("active", "Another treatment"),
        ("none", "No treatment"),
    ],
    "FindingDirectionEnum": [direction.value for direction in FindingDirection],
    "FindingSizeEnum": [size.value for size in Size],
    "SafetyKindEnum": "conditions.models.SafetyFact.Kind",
    "SafetyLevelEnum": "conditions.models.SafetyFact.Level",
}
