"""What an answer leaves on the check of a paper; those that tell nothing new are written down together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, PaperFacts, differences
from studies.domain.identity import compare
from studies.domain.vocabulary import PublicationStatus
from studies.models import MetadataProposal, Notice, RefreshRun, RegistryCheck, Study
from studies.sources.answer import Answer, Found, Unknown
from studies.sources.registries import REGISTRIES

# Who wrote a paper changes seldom, whether it stands may change any day: the status is asked about weekly,
# the fields are compared with every fourth answer.
FIELDS_EVERY = timedelta(weeks=4)
# What an answer moves on that says the same as the last one.
DATES = ("asked_at", "answered_at", "found_at", "body_stored_at", "next_check_at")
KEPT = [f.name for f in RegistryCheck._meta.concrete_fields if f.name not in {"id", "study", "registry"}]


def note_answer(check: RegistryCheck, now: datetime) -> None:
    """Note that the registry has answered: failures are over."""
    check.asked_at = check.answered_at = now
    check.failures, check.failing_since = 0, None


def note_found(check: RegistryCheck, now: datetime) -> None:
    """Note that the registry has described this very paper."""
    check.found_at = now
    check.answer, check.detail = RegistryCheck.Answer.FOUND, ""
    check.next_check_at = now + cadence(check)


def note_unknown(check: RegistryCheck, reason: str, now: datetime) -> None:
    """Note that the registry does not know the paper."""
    check.answer, check.detail = RegistryCheck.Answer.UNKNOWN, reason
    check.next_check_at = now + timedelta(days=REGISTRIES[check.registry].unknown_every_days)


def keep_body(check: RegistryCheck, answer: Found[PaperFacts], now: datetime) -> None:
    """Keep the part of the answer that is about the paper."""
    check.body, check.body_sha256, check.body_stored_at = answer.body, answer.sha256, now


def cadence(check: RegistryCheck) -> timedelta:
    """After how long the registry is asked again about a paper that it knows."""
    return timedelta(days=REGISTRIES[check.registry].every_days)


def are_fields_due(check: RegistryCheck, now: datetime) -> bool:
    """Whether the bibliographic fields are to be compared with the registry's answer."""
    last = check.fields_checked_at
    return REGISTRIES[check.registry].can_describe and (last is None or now - last >= FIELDS_EVERY)


def record_quiet(
    *, studies: Mapping[int, Study], answers: Mapping[int, Answer], now: datetime, run: RefreshRun
) -> set[int]:
    """Write down, in a handful of statements, the answers from which nothing follows; return whose they are.

    That is: the registry knows this very paper, reports no notice and no other field than the study has; or
    it does not know it and never did. All others are left to be looked at one by one. Counts in `run`,
    which the caller saves. Call inside a transaction that holds the studies' rows.
    """
    of_these = {"study__in": list(answers)}
    checks = RegistryCheck.objects.filter(**of_these, registry=run.registry)
    known = {check.study_id: check for check in checks}
    told = set(Notice.objects.filter(**of_these).values_list("study", flat=True))
    proposals = MetadataProposal.objects.filter(**of_these, registry=run.registry, state="open")
    told.update(proposals.values_list("study", flat=True))
    same: list[RegistryCheck] = []
    quiet: list[RegistryCheck] = []
    for pk, answer in answers.items():
        study = studies[pk]
        check = known.get(pk) or RegistryCheck(study=study, registry=run.registry)
        if pk in told or study.publication_status != PublicationStatus.CURRENT:
            continue
        if isinstance(answer, Found) and _agrees(study, check, answer.facts, now):
            (same if _are_same_words(check, answer, now) else quiet).append(_found_again(check, answer, now))
        elif isinstance(answer, Unknown) and check.found_at is None:
            note_answer(check, now)
            note_unknown(check, answer.reason, now)
            quiet.append(check)
    _save(quiet)
    if same:
        dates = {name: getattr(same[0], name) for name in DATES}
        RegistryCheck.objects.filter(pk__in=[check.pk for check in same]).update(**dates)
    n_found = sum(check.answer == RegistryCheck.Answer.FOUND for check in quiet) + len(same)
    run.asked += len(quiet) + len(same)
    run.found += n_found
    run.unknown += len(quiet) + len(same) - n_found
    return {check.study_id for check in (*quiet, *same)}


def _agrees(study: Study, check: RegistryCheck, facts: PaperFacts, now: datetime) -> bool:
    if facts.notices or not compare(facts, study.title, study.year, study.authors).is_same_paper:
        return False
    own = {field: getattr(study, field) for field in BIBLIOGRAPHIC_FIELDS}
    return not (are_fields_due(check, now) and differences(facts, own))


def _are_same_words(check: RegistryCheck, answer: Found[PaperFacts], now: datetime) -> bool:
    """Whether only the dates of the check are to be written: all else it holds already."""
    was_found = check.answer == RegistryCheck.Answer.FOUND and not are_fields_due(check, now)
    return was_found and bool(check.body) and check.body_sha256 == answer.sha256


def _found_again(check: RegistryCheck, answer: Found[PaperFacts], now: datetime) -> RegistryCheck:
    note_answer(check, now)
    keep_body(check, answer, now)
    if are_fields_due(check, now):
        check.fields_checked_at = now
    note_found(check, now)
    return check


def _save(checks: Iterable[RegistryCheck]) -> None:
    RegistryCheck.objects.bulk_create(
        checks, update_conflicts=True, unique_fields=["study", "registry"], update_fields=KEPT
    )
