"""Facts: what each study did and found, where it was read, and what registries say of it."""

from studies.models.arm import Arm, Dose, TitrationStep
from studies.models.citation_import import CitationImport, ImportRow
from studies.models.discovery import Find, FindMatch, SavedSearch
from studies.models.editor_task import EditorTask
from studies.models.instrument import Instrument
from studies.models.outcome import ArmResult, Effect, Outcome, PRelation, Side
from studies.models.provenance import Provenance
from studies.models.registry import (
    MetadataProposal,
    Notice,
    RefreshRun,
    Registry,
    RegistryCheck,
    RegistryEdition,
)
from studies.models.registry_lease import RegistryLease
from studies.models.risk_of_bias import RiskOfBias
from studies.models.side_effect import SideEffect, SideEffectCount, SideEffectReport
from studies.models.study import Correction, SecondReading, Source, Study, StudyCondition
from studies.models.trial import Trial, TrialCondition

__all__ = [
    "Arm",
    "ArmResult",
    "CitationImport",
    "Correction",
    "Dose",
    "EditorTask",
    "Effect",
    "Find",
    "FindMatch",
    "ImportRow",
    "Instrument",
    "MetadataProposal",
    "Notice",
    "Outcome",
    "PRelation",
    "Provenance",
    "RefreshRun",
    "Registry",
    "RegistryCheck",
    "RegistryEdition",
    "RegistryLease",
    "RiskOfBias",
    "SavedSearch",
    "SecondReading",
    "Side",
    "SideEffect",
    "SideEffectCount",
    "SideEffectReport",
    "Source",
    "Study",
    "StudyCondition",
    "TitrationStep",
    "Trial",
    "TrialCondition",
]
