"""What an answer leaves on the check of a paper; those that tell nothing new are written down together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS, PaperFacts, differences
from studies.domain.identity import compare
from studies.domain.vocabulary import PublicationStatus
from studies.models import MetadataProposal, Notice, RefreshRun, RegistryCheck, Study
from studies.sources.answer import Answer, Found, Unknown
from studies.sources.registries import REGISTRIES

# Who wrote a paper changes seldom, whether it stands may change any day: the status is asked about weekly,
# the fields are compared with every fourth answer.
FIELDS_EVERY = timedelta(weeks=4)
KEY = ("study_id", "registry")
SAVED = [f.attname for f in RegistryCheck._meta.concrete_fields if not f.primary_key]
# As JSON, since it is written in C: bulk_create() took two fifths of record_quiet()'s time, most of that to
# escape what registries say, sign by sign.
SAVE = """
INSERT INTO studies_registrycheck ({saved})
SELECT {saved} FROM json_populate_recordset(NULL::studies_registrycheck, %(rows)s)
ON CONFLICT ({key}) DO UPDATE SET {changes}
""".format(
    saved=", ".join(SAVED),
    key=", ".join(KEY),
    changes=", ".join(f"{name} = excluded.{name}" for name in SAVED if name not in KEY),
)


def note_answer(check: RegistryCheck, now: datetime) -> None:
    """Note that the registry has answered: failures are over."""
    check.asked_at = check.answered_at = now
    check.failures, check.failing_since = 0, None


def note_found(check: RegistryCheck, now: datetime) -> None:
    """Note that the registry has described this very paper."""
    check.found_at = now
    check.answer, check.detail = RegistryCheck.Answer.FOUND, ""
    check.next_check_at = now + cadence(check.registry)


def note_unknown(check: RegistryCheck, reason: str, now: datetime) -> None:
    """Note that the registry does not know the paper."""
    check.answer, check.detail = RegistryCheck.Answer.UNKNOWN, reason
    check.next_check_at = now + cadence_of_unknown(check.registry)


def keep_body(check: RegistryCheck, answer: Found[PaperFacts], now: datetime) -> None:
    """Keep the part of the answer that is about the paper."""
    check.body, check.body_sha256, check.body_stored_at = answer.body, answer.sha256, now


def cadence(registry: str) -> timedelta:
    """After how long the registry is asked again about a paper that it knows."""
    return timedelta(days=REGISTRIES[registry].every_days)


def cadence_of_unknown(registry: str) -> timedelta:
    """After how long the registry is asked again about a paper that it does not know."""
    return timedelta(days=REGISTRIES[registry].unknown_every_days)


def are_fields_due(check: RegistryCheck, now: datetime) -> bool:
    """Whether the record is to be compared with the registry's answer, be it the same as the last one."""
    last = check.fields_checked_at
    return last is None or now - last >= FIELDS_EVERY


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
    quiet: list[RegistryCheck] = []
    for pk, answer in answers.items():
        study = studies[pk]
        check = known.get(pk) or RegistryCheck(study=study, registry=run.registry)
        if pk in told or study.publication_status != PublicationStatus.CURRENT:
            continue
        if isinstance(answer, Found) and _agrees(study, check, answer.facts, now):
            quiet.append(_found_again(check, answer, now))
        elif isinstance(answer, Unknown) and check.found_at is None:
            note_answer(check, now)
            note_unknown(check, answer.reason, now)
            quiet.append(check)
    _save(quiet)
    n_found = sum(check.answer == RegistryCheck.Answer.FOUND for check in quiet)
    run.asked += len(quiet)
    run.found += n_found
    run.unknown += len(quiet) - n_found
    return {check.study_id for check in quiet}


def _agrees(study: Study, check: RegistryCheck, facts: PaperFacts, now: datetime) -> bool:
    if facts.notices or not compare(facts, study.title, study.year, study.authors).is_same_paper:
        return False
    if not (REGISTRIES[check.registry].can_describe and are_fields_due(check, now)):
        return True
    return not differences(facts, {field: getattr(study, field) for field in BIBLIOGRAPHIC_FIELDS})


def _found_again(check: RegistryCheck, answer: Found[PaperFacts], now: datetime) -> RegistryCheck:
    note_answer(check, now)
    keep_body(check, answer, now)
    if are_fields_due(check, now):
        check.fields_checked_at = now
    note_found(check, now)
    return check


def _save(checks: Sequence[RegistryCheck]) -> None:
    rows = [{name: getattr(check, name) for name in SAVED} for check in checks]
    with connection.cursor() as cursor:
        cursor.execute(SAVE, {"rows": json.dumps(rows, ensure_ascii=False, default=datetime.isoformat)})
