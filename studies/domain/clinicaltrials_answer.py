"""ClinicalTrials.gov's answers (API v2) as facts. Format: https://clinicaltrials.gov/data-api/about-api/study-data-structure

Total: whatever bytes come in, facts or an AnswerError come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from studies.domain.bibliography import AnswerError, RegistryEntry
from studies.domain.cited_date import span_of
from studies.domain.identifiers import normalise_registry_id
from studies.domain.json_answer import (
    object_of,
    objects_of,
    pmid_of,
    read_json,
    stored_json,
    text_of,
    texts_of,
    title_of,
    whole_of,
)
from studies.domain.trial_facts import TrialFacts

TrialEntry = RegistryEntry[TrialFacts]

# What is asked for; what a trial does not have is left out of the answer.
SELECTED_FIELDS = (
    "NCTId",
    "SecondaryId",
    "BriefTitle",
    "OfficialTitle",
    "Condition",
    "Keyword",
    "InterventionName",
    "InterventionOtherName",
    "OverallStatus",
    "WhyStopped",
    "StatusVerifiedDate",
    "StartDate",
    "PrimaryCompletionDate",
    "CompletionDate",
    "ResultsFirstPostDate",
    "LastUpdatePostDate",
    "LeadSponsorName",
    "Phase",
    "EnrollmentCount",
    "HasResults",
    "ReferencePMID",
    "ReferenceType",
)
# https://clinicaltrials.gov/data-api/about-api/study-data-structure#enum-Status
STATUSES = {
    "ACTIVE_NOT_RECRUITING": "active, not recruiting",
    "NOT_YET_RECRUITING": "not yet recruiting",
    "ENROLLING_BY_INVITATION": "recruiting by invitation",
    "UNKNOWN": "unknown status",
}
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def parse_studies(body: bytes) -> dict[str, TrialEntry]:
    """Return the trials of a list answer by NCT number, with the stored part of each.

    A trial without a number or a status is left out, so that it is asked for alone. Raises AnswerError when
    the answer as a whole is no list of studies, or none of it can be read.
    """
    studies = object_of(read_json(body)).get("studies")
    if not isinstance(studies, list):
        raise AnswerError("the list of studies is missing")
    entries = [entry for study in objects_of(studies) if (entry := _entry(study))]
    if studies and not entries:
        raise AnswerError("no study of the answer can be read: a field is missing or has another name")
    return {entry.facts.registry_id: entry for entry in entries}


def parse_study(body: bytes) -> TrialEntry:
    """Return the trial of a single answer. Raises AnswerError when it cannot be used."""
    entry = _entry(object_of(read_json(body)))
    if entry is None:
        raise AnswerError("the answer holds no study with a number and a status")
    return entry


def parse_version(body: bytes) -> str:
    """Return the moment of the registry's data, as it writes it. Raises AnswerError without one."""
    version = text_of(object_of(read_json(body)).get("dataTimestamp"))
    if not version or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", version):
        raise AnswerError("the answer names no data version")
    return version[:40]


def _entry(study: dict[str, Any]) -> TrialEntry | None:
    protocol = object_of(study.get("protocolSection"))
    modules = {name: object_of(protocol.get(f"{name}Module")) for name in MODULES}
    number = normalise_registry_id(text_of(modules["identification"].get("nctId")) or "")
    if not number or not text_of(modules["status"].get("overallStatus")):
        return None
    body = stored_json({**modules, "hasResults": study.get("hasResults")}, KEPT)
    return TrialEntry(body, partial(_facts, number, study, modules))


MODULES = (
    *("identification", "status", "sponsorCollaborators", "conditions", "design", "armsInterventions"),
    "references",
)
KEPT = (*MODULES, "hasResults")


def _facts(number: str, study: dict[str, Any], modules: dict[str, dict[str, Any]]) -> TrialFacts:
    identification, status, design = modules["identification"], modules["status"], modules["design"]
    has_results = study.get("hasResults")
    return TrialFacts(
        registry="clinicaltrials",
        registry_id=number,
        other_ids=_other_ids(identification),
        title=title_of(identification.get("briefTitle")),
        official_title=title_of(identification.get("officialTitle")),
        subjects=tuple(_subjects(modules["armsInterventions"], modules["conditions"])),
        status=_status(text_of(status.get("overallStatus"))),
        why_stopped=text_of(status.get("whyStopped")),
        status_verified=_date_text(status.get("statusVerifiedDate")),
        phase=_phase(design),
        enrolment=whole_of(object_of(design.get("enrollmentInfo")).get("count")),
        sponsor=text_of(object_of(modules["sponsorCollaborators"].get("leadSponsor")).get("name")),
        start=_date_of(status, "startDateStruct"),
        primary_completion=_date_of(status, "primaryCompletionDateStruct"),
        completion=_date_of(status, "completionDateStruct"),
        has_results=has_results if isinstance(has_results, bool) else None,
        results_first_posted_on=_day_of(status, "resultsFirstPostDateStruct"),
        last_update_posted_on=_day_of(status, "lastUpdatePostDateStruct"),
        result_pmids=_result_pmids(modules["references"]),
    )


def _subjects(arms: dict[str, Any], conditions: dict[str, Any]) -> Iterator[str]:
    for each in objects_of(arms.get("interventions")):
        yield from texts_of(each.get("name"))
        yield from texts_of(each.get("otherNames"))
    yield from texts_of(conditions.get("keywords"))
    yield from texts_of(conditions.get("conditions"))


def _status(raw: str | None) -> str | None:
    return STATUSES.get(raw, raw.replace("_", " ").lower()) if raw else None


def _phase(design: dict[str, Any]) -> str | None:
    phases = [phase for phase in texts_of(design.get("phases")) if phase != "NA"]
    words = [phase.replace("_", " ").replace("PHASE", "phase ").replace("EARLY", "early") for phase in phases]
    return "/".join(words) or None


def _other_ids(identification: dict[str, Any]) -> tuple[str, ...]:
    ids = (text_of(each.get("id")) for each in objects_of(identification.get("secondaryIdInfos")))
    return tuple(dict.fromkeys(number for each in ids if each and (number := normalise_registry_id(each))))


def _result_pmids(references: dict[str, Any]) -> tuple[int, ...]:
    results = (each for each in objects_of(references.get("references")) if each.get("type") == "RESULT")
    return tuple(pmid for each in results if (pmid := pmid_of(each.get("pmid"))))


def _date_of(status: dict[str, Any], name: str) -> str | None:
    return _date_text(object_of(status.get(name)).get("date"))


def _date_text(value: Any) -> str | None:
    text = text_of(value)
    return text if text and DATE.fullmatch(text) and span_of(text)[0] else None


def _day_of(status: dict[str, Any], name: str) -> date | None:
    text = _date_of(status, name)
    return span_of(text)[0] if text and len(text) == 10 else None
