"""The status ledger of a paper, read for its page."""

from __future__ import annotations

from datetime import date

from django.utils.timezone import localdate

from studies.domain.status_words import LedgerEntry, status_sentence
from studies.models import RegistryCheck, Study
from studies.sources.registries import REGISTRIES, Registry


def describe_status(study: Study) -> str:
    """The sentence on when which registry was asked about the study, and what is not known.

    Reads the study's registry_checks and notices, which a page prefetches.
    """
    entries = _entries(study)
    standing = [notice for notice in study.notices.all() if not notice.is_dismissed]
    return status_sentence(entries, len(standing))


def last_status_check(study: Study) -> date | None:
    """The day of the last word of any registry on this very paper; None while none has given one.

    Reads the study's registry_checks, which a page prefetches.
    """
    days = [entry.answered_on for entry in _entries(study) if entry.is_checked and entry.answered_on]
    return max(days, default=None)


def _entries(study: Study) -> list[LedgerEntry]:
    checks = {check.registry: check for check in study.registry_checks.all()}
    return [_entry(row, checks.get(row.name)) for row in REGISTRIES.values() if _could_know(row, study)]


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
