"""Rows for tests: each function makes one sensible thing, and takes what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from conditions.models import Article, Certainty, Claim, Condition, Pool, SafetyFact
from studies.domain.bibliography import NoticeFacts
from studies.models import (
    Arm,
    ArmResult,
    Dose,
    Effect,
    Notice,
    Outcome,
    Provenance,
    RiskOfBias,
    SideEffect,
    SideEffectCount,
    SideEffectReport,
    Source,
    Study,
    StudyCondition,
    Trial,
)
from studies.services.following import follow_changes
from studies.services.notices import record_notices

_numbers = count(1)


def make_condition(**fields: Any) -> Condition:
    n = next(_numbers)
    defaults = {
        "slug": f"condition-{n}",
        "name": f"Condition {n}",
        "definition": "A test.",
        "category": "pain",
    }
    return Condition.objects.create(**{**defaults, **fields})


def make_study(*, conditions: list[Condition] | None = None, **fields: Any) -> Study:
    """A published study with one source; give status="draft" for one that is not."""
    n = next(_numbers)
    letters = "".join("abcdefghij"[int(digit)] for digit in str(n))
    defaults = {
        "key": f"test{letters}2020",
        "title": f"A trial of something, number {n}",
        "authors": ["Tester A", "Helper B"],
        "year": 2020,
        "design": "rct_parallel",
        "blinding": "double",
        "conclusion": "Nothing was shown.",
        "status": "published",
    }
    study = Study.objects.create(**{**defaults, **fields})
    Source.objects.create(
        study=study, used_for="abstract", kind="primary", url="https://example.org/abstract"
    )
    for position, condition in enumerate(conditions or []):
        StudyCondition.objects.create(study=study, condition=condition, position=position)
    return study


def make_arm(study: Study, *, dose_mg: str | None = None, **fields: Any) -> Arm:
    defaults = {"name": f"Arm {next(_numbers)}", "role": "intervention", "n": 20}
    arm = Arm.objects.create(study=study, **{**defaults, **fields})
    if dose_mg is not None:
        Dose.objects.create(arm=arm, amount_mg=dose_mg)
    return arm


def make_outcome(study: Study, *, effect: dict[str, Any] | None = None, **fields: Any) -> Outcome:
    """An outcome with the note of where it was read; sides as results={"intervention": {...}}."""
    results = fields.pop("results", {})
    defaults = {"name": f"Pain {next(_numbers)}", "domain": "pain", "direction": "no_difference"}
    outcome = Outcome.objects.create(study=study, **{**defaults, **fields})
    Provenance.objects.create(study=study, outcome=outcome, source=study.sources.first())
    for side, result in results.items():
        ArmResult.objects.create(outcome=outcome, side=side, **result)
    if effect is not None:
        Effect.objects.create(outcome=outcome, **effect)
    return outcome


def make_judgement(study: Study, **fields: Any) -> RiskOfBias:
    """One domain of RoB 2, judged by the first reader."""
    defaults = {
        "tool": "rob2",
        "domain": "randomisation",
        "judgement": "low",
        "reason": "The sequence came from a computer.",
        "assessed_by": "first reader",
        "assessed_on": "2026-01-01",
    }
    return RiskOfBias.objects.create(study=study, **{**defaults, **fields})


def make_side_effect(**fields: Any) -> SideEffect:
    n = next(_numbers)
    return SideEffect.objects.create(**{"slug": f"effect-{n}", "name": f"Effect {n}", **fields})


def make_side_effect_report(
    study: Study, *, counts: dict[str, Any] | None = None, **fields: Any
) -> SideEffectReport:
    """A report with the note of where it was read; counts as counts={"intervention": {...}}."""
    side_effect = fields.pop("side_effect", None) or make_side_effect()
    report = SideEffectReport.objects.create(
        study=study, side_effect=side_effect, **{"reported_name": side_effect.name, **fields}
    )
    Provenance.objects.create(study=study, side_effect_report=report, source=study.sources.first())
    for side, numbers in (counts or {}).items():
        SideEffectCount.objects.create(report=report, side=side, **numbers)
    return report


def make_trial(**fields: Any) -> Trial:
    defaults = {
        "registry_id": f"NCT{next(_numbers):08}",
        "title": "A planned trial",
        "source_kind": "registry",
    }
    return Trial.objects.create(**{**defaults, **fields})


def make_claim(**fields: Any) -> Claim:
    defaults = {
        "slug": f"claim-{next(_numbers)}",
        "statement": "It helps.",
        "topic": "efficacy",
        "verdict": "overstated",
        "rationale": "It was not shown.",
    }
    return Claim.objects.create(**{**defaults, **fields})


def make_certainty(**fields: Any) -> Certainty:
    """A stored certainty of pain against placebo, with one step that lowered it."""
    step = {"domain": "risk of bias", "reason": "Half left.", "mend": "Fewer losses."}
    defaults = {
        "domain": "pain",
        "comparator": "placebo",
        "level": "moderate",
        "size": "small",
        "direction": "benefit",
        "steps": [{"rule": "bias.concerns", "change": -1, **step}],
        "version": "1",
        "input_hash": "a" * 64,
        "computed_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    }
    condition = fields.pop("condition", None) or make_condition()
    return Certainty.objects.create(condition=condition, **{**defaults, **fields})


def make_pool(**fields: Any) -> Pool:
    """A stored pool of pain against placebo from two studies, whose rows are up to the test."""
    defaults = {
        "domain": "pain",
        "comparator": "placebo",
        "measure": "MD",
        "slug": "pain-placebo-md",
        "is_main": True,
        "k": 2,
        "n_people": 100,
        "better": "lower",
        "estimate": -0.5,
        "ci_low": -1.0,
        "ci_high": 0.0,
        "result": {},
        "version": "1",
        "input_hash": "a" * 64,
        "computed_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    }
    condition = fields.pop("condition", None) or make_condition()
    return Pool.objects.create(condition=condition, **{**defaults, **fields})


def make_article(**fields: Any) -> Article:
    """A draft as it stands in the database, without being rendered; save_article makes a published one."""
    n = next(_numbers)
    defaults = {
        "slug": f"article-{n}",
        "title": f"Article {n}",
        "summary": "What is known.",
        "body": "## For patients\n\nSee [the safety page](/safety/).\n\n## For clinicians\n\nNothing.\n",
    }
    return Article.objects.create(**{**defaults, **fields})


def make_safety_fact(**fields: Any) -> SafetyFact:
    defaults = {
        "slug": f"fact-{next(_numbers)}",
        "kind": "warning",
        "level": "stop",
        "headline": "Not with opioids.",
        "detail": "It blocks them.",
    }
    return SafetyFact.objects.create(**{**defaults, **fields})


@transaction.atomic
def retract(key: str) -> None:
    """What a registry's answer does: the notice, the status and all that leans on it, in one transaction."""
    study = Study.objects.select_for_update().get(key=key)
    notice = NoticeFacts(kind=Notice.Kind.RETRACTION, raw_kind="Retraction", notice_doi="10.1000/notice")
    record_notices(study=study, registry="crossref", notices=[notice], now=timezone.now())
    follow_changes(now=timezone.now())
