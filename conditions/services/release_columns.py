"""Which tables a release has, and which columns: the one list that files and dictionary are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from conditions.models import (
    Certainty,
    Claim,
    ClaimCondition,
    ClaimEvidence,
    ComputedVerdict,
    Condition,
    Pool,
    PoolStudy,
    Reference,
    SafetyFact,
    SafetyFactStudy,
    Synonym,
)
from studies.models import (
    Arm,
    ArmResult,
    Notice,
    Outcome,
    Provenance,
    RiskOfBias,
    SecondReading,
    SideEffect,
    SideEffectCount,
    Source,
    Study,
    StudyCondition,
    TitrationStep,
    Trial,
    TrialCondition,
)
from studies.services.read_study import PLAIN_FIELDS


@dataclass(frozen=True)
class Table:
    """A table: its rows in an order that is always the same, and the paths of its columns in the models."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    columns: tuple[str, ...]


def _of_published(model: type[Model], path: str, *order: str) -> Callable[[], QuerySet[Any]]:
    """Rows of studies that are published; `path` leads to the study."""
    where = {f"{path}__status" if path else "status": Study.Status.PUBLISHED}
    return lambda: model._default_manager.filter(**where).order_by(*order)


# Where one outcome, side effect or field of a study was read: by its place, as in the other tables.
PROVENANCE = (
    *("study__key", "outcome__position", "side_effect_report__position", "field", "source__position"),
    *("registry", "place", "quote", "read_by", "read_on", "checked_on"),
)
TABLES = (
    Table(
        "studies",
        _of_published(Study, "", "key"),
        (*PLAIN_FIELDS, "publication_status", "checked_on"),
    ),
    Table(
        "study_conditions",
        _of_published(StudyCondition, "study", "study__key", "position", "condition__slug"),
        ("study__key", "position", "condition__slug"),
    ),
    Table(
        "arms",
        _of_published(Arm, "study", "study__key", "position"),
        (
            *("study__key", "position", "name", "role", "n", "dose__amount_mg", "dose__per", "dose__route"),
            *(
                "dose__range_text",
                "dose__mg_per_kg",
                "dose__start_mg",
                "dose__max_mg",
                "dose__duration_weeks",
            ),
            *("dose__timing", "dose__formulation", "dose__note"),
        ),
    ),
    Table(
        "outcomes",
        _of_published(Outcome, "study", "study__key", "position"),
        (
            *(
                "study__key",
                "position",
                "name",
                "domain",
                "instrument",
                "timepoint",
                "is_primary",
                "direction",
            ),
            *("better", "effect__measure", "effect__value", "effect__ci_low", "effect__ci_high"),
            *("effect__p_relation", "effect__p_value", "effect__i2_percent", "effect__note"),
        ),
    ),
    Table(
        "results",
        _of_published(ArmResult, "outcome__study", "outcome__study__key", "outcome__position", "side"),
        (
            *("outcome__study__key", "outcome__position", "side", "arm__position", "value", "unit", "sd"),
            *("ci_low", "ci_high", "events", "n", "baseline", "baseline_text", "baseline_sd", "p_relation"),
            *("p_value", "note"),
        ),
    ),
    Table(
        "side_effects",
        _of_published(SideEffectCount, "report__study", "report__study__key", "report__position", "side"),
        (
            *("report__study__key", "report__position", "report__reported_name", "report__side_effect__slug"),
            *("side", "arm__position", "events", "n", "percent"),
        ),
    ),
    Table(
        "risk_of_bias",
        _of_published(RiskOfBias, "study", "study__key", "position", "domain"),
        (
            "study__key",
            "tool",
            "domain",
            "judgement",
            "reason",
            "assessed_by",
            "assessed_on",
            "second_assessor",
        ),
    ),
    Table(
        "notices",
        _of_published(Notice, "study", "study__key", "registry", "kind", "dated_on", "notice_doi", "pk"),
        ("study__key", "registry", "kind", "raw_kind", "dated_on", "date_text", "notice_doi", "asserted_by"),
    ),
    Table(
        "trials",
        lambda: Trial.objects.order_by("registry_id"),
        ("registry_id", "title", "status", "phase", "start", "completion", "results__key"),
    ),
    Table(
        "pools",
        lambda: Pool.objects.order_by("condition__slug", "slug"),
        (
            *(
                "condition__slug",
                "slug",
                "domain",
                "comparator",
                "measure",
                "is_main",
                "k",
                "n_people",
                "better",
            ),
            *("scale", "estimate", "ci_low", "ci_high", "prediction_low", "prediction_high", "i2", "tau2"),
        ),
    ),
    Table(
        "certainties",
        lambda: Certainty.objects.order_by("condition__slug", "domain", "comparator"),
        (
            *("condition__slug", "domain", "comparator", "level", "size", "direction", "override_level"),
            "override_reason",
        ),
    ),
    Table(
        "verdicts",
        lambda: ComputedVerdict.objects.order_by("claim__slug"),
        ("claim__slug", "claim__statement", "claim__verdict", "word", "reason", "version"),
    ),
    Table(
        "conditions",
        lambda: Condition.objects.order_by("slug"),
        (
            *("slug", "name", "definition", "category", "is_topic", "icd10", "icd10_edition", "icd11"),
            *("icd11_foundation_id", "icd11_foundation_title", "mesh_id", "mesh_name", "unverified"),
        ),
    ),
    Table(
        "synonyms",
        lambda: Synonym.objects.order_by("condition__slug", "position", "name"),
        ("condition__slug", "position", "name"),
    ),
    Table(
        "titration_steps",
        _of_published(
            TitrationStep,
            "dose__arm__study",
            *("dose__arm__study__key", "dose__arm__position", "position", "at_number", "at_text"),
        ),
        (
            *("dose__arm__study__key", "dose__arm__position", "position", "unit", "at_number", "at_text"),
            "amount_mg",
        ),
    ),
    Table(
        "side_effect_names",
        lambda: SideEffect.objects.order_by("slug"),
        ("slug", "name", "description", "reported_as"),
    ),
    Table(
        "sources",
        _of_published(Source, "study", "study__key", "position", "used_for"),
        ("study__key", "position", "url", "used_for", "kind"),
    ),
    Table(
        "provenance",
        _of_published(Provenance, "study", *PROVENANCE),
        PROVENANCE,
    ),
    Table(
        "second_readings",
        _of_published(SecondReading, "study", "study__key"),
        ("study__key", "read_on", "agreed", "not_seen"),
    ),
    Table(
        "trial_conditions",
        lambda: TrialCondition.objects.order_by("trial__registry_id", "position", "condition__slug"),
        ("trial__registry_id", "position", "condition__slug"),
    ),
    Table(
        "claims",
        lambda: Claim.objects.order_by("slug"),
        ("slug", "statement", "topic", "verdict", "rationale"),
    ),
    Table(
        "claim_conditions",
        lambda: ClaimCondition.objects.order_by("claim__slug", "position", "condition__slug"),
        ("claim__slug", "position", "condition__slug"),
    ),
    Table(
        "claim_evidence",
        _of_published(ClaimEvidence, "study", "claim__slug", "position", "study__key"),
        ("claim__slug", "position", "study__key", "stance", "note"),
    ),
    Table(
        "safety_facts",
        lambda: SafetyFact.objects.order_by("slug"),
        ("slug", "kind", "level", "headline", "detail", "low_dose_note"),
    ),
    Table(
        "safety_fact_studies",
        _of_published(SafetyFactStudy, "study", "fact__slug", "position", "study__key"),
        ("fact__slug", "position", "study__key"),
    ),
    Table(
        "references",
        lambda: Reference.objects.order_by(
            "claim__slug", "omission__slug", "safety_fact__slug", "position", "title"
        ),
        ("claim__slug", "omission__slug", "safety_fact__slug", "position", "title", "url", "kind"),
    ),
    Table(
        "pool_studies",
        _of_published(PoolStudy, "study", "pool__condition__slug", "pool__slug", "position", "study__key"),
        (
            *("pool__condition__slug", "pool__slug", "position", "study__key", "outcome__position"),
            *("arm__position", "is_in", "reason", "estimate", "ci_low", "ci_high", "weight_percent"),
            "is_turned",
        ),
    ),
)
