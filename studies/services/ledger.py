"""The status ledger, read for the page of a paper and for a list of papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, F, Max, OuterRef, QuerySet, Subquery, When
from django.utils.timezone import localdate

from studies.domain.speech import ENGLISH, Speech
from studies.domain.status_words import LedgerEntry, status_sentence, statuses_sentence
from studies.models import Notice, RegistryCheck, Study
from studies.sources.registries import REGISTRIES, Registry


def describe_status(study: Study, speech: Speech = ENGLISH) -> str:
    """The sentence on when which registry was asked about the study, and what is not known.

    Reads the study's registry_checks and notices, which a page prefetches.
    """
    checks = {check.registry: check for check in study.registry_checks.all()}
    entries = [_entry(row, checks.get(row.name)) for row in REGISTRIES.values() if _could_know(row, study)]
    standing = [notice for notice in study.notices.all() if not notice.is_dismissed]
    return status_sentence(entries, len(standing), speech)


def with_status_checks(studies: QuerySet[Study]) -> Any:
    """The same studies, each with `last_checked_at` and `has_notice` for describe_statuses, in one query.

    `last_checked_at` is when a registry last gave its word on this very paper; None where none ever did.
    """
    lists = [row.name for row in REGISTRIES.values() if row.lists_notices_only]
    nothing_listed = When(registry__in=lists, answer=RegistryCheck.Answer.UNKNOWN, then=F("answered_at"))
    checks = RegistryCheck.objects.filter(study=OuterRef("pk")).order_by().values("study")
    last = checks.annotate(last=Max(Case(nothing_listed, default=F("found_at")))).values("last")
    notices = Notice.objects.filter(study=OuterRef("pk"), dismissed_by__isnull=True)
    return studies.annotate(last_checked_at=Subquery(last), has_notice=Exists(notices))


def describe_statuses(studies: Sequence[Any], speech: Speech = ENGLISH) -> str:
    """The sentence on how far the status of the studies was checked; read them by with_status_checks."""
    days = [localdate(study.last_checked_at) if study.last_checked_at else None for study in studies]
    return statuses_sentence(days, sum(study.has_notice for study in studies), speech)


def _could_know(registry: Registry, study: Study) -> bool:
    return not registry.is_for_trials and any(getattr(study, field) for field in registry.fields)


def _entry(registry: Registry, check: RegistryCheck | None) -> LedgerEntry:
    if check is None:
        return LedgerEntry(registry.title)
    is_unlisted = registry.lists_notices_only and check.answer == RegistryCheck.Answer.UNKNOWN
    # A list of notices never describes a paper without one, so its answer counts as its word on the paper.
    answered_at = check.answered_at if registry.lists_notices_only else check.found_at
    return LedgerEntry(
        registry.title,
        "nothing listed" if is_unlisted else check.answer,
        localdate(answered_at) if answered_at else None,
        localdate(check.failing_since) if check.failing_since else None,
    )
