"""ClinicalTrials.gov's side of the protocol (API v2), as the stand-in speaks it."""

from __future__ import annotations

import json
from typing import Any

from studies.sources.standin.papers import Papers, StandinTrial, answers_query
from studies.sources.standin.wire import Answer, Pool, Question

PREFIX = "/api/v2/"
MOST_A_PAGE = 1_000


def answer(papers: Papers, question: Question) -> Answer:
    """Return ClinicalTrials.gov's answer to a GET."""
    path = question.path.removeprefix(PREFIX)
    if path == "version":
        return _ok({"apiVersion": "2.0.5", "dataTimestamp": papers.version})
    if path == "studies" and "query.term" in question.query:
        return _search(papers, question)
    if path == "studies":
        wanted = question.query.get("filter.ids", "").replace("|", ",").split(",")
        found = [study(papers.trials[number]) for number in wanted if number in papers.trials]
        return _ok({"studies": found[: min(int(question.query.get("pageSize", "10")), MOST_A_PAGE)]})
    trial = papers.trials.get(path.removeprefix("studies/"))
    return _ok(study(trial)) if trial else Answer(404, "text/plain", b"NCT number not found")


def _search(papers: Papers, question: Question) -> Answer:
    """One page of the trials whose titles answer a query; the mark of the next page is where it begins."""
    term, size = question.query["query.term"], int(question.query.get("pageSize", "10"))
    start = int(question.query.get("pageToken", "0"))
    found = [study(trial) for trial in papers.trials.values() if answers_query(trial.title, term)]
    more = {"nextPageToken": str(start + size)} if start + size < len(found) else {}
    return _ok({"studies": found[start : start + size], **more})


def pool_of(_question: Question) -> Pool:
    """Return the pool that a question belongs to."""
    return Pool("clinicaltrials", 1)


def study(trial: StandinTrial) -> dict[str, Any]:
    """Return a trial as a study; what it does not have is left out."""
    phases = [f"PHASE{part}" for part in (trial.phase or "").split("/") if part.isdigit()]
    modules: dict[str, dict[str, Any]] = {
        "identificationModule": {
            "nctId": trial.registry_id,
            "secondaryIdInfos": [{"id": number} for number in trial.other_ids],
            "briefTitle": trial.title,
        },
        "statusModule": _status(trial),
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": trial.sponsor}},
        "designModule": {"phases": phases, "enrollmentInfo": {"count": trial.enrolment}},
        "armsInterventionsModule": {"interventions": [{"name": name} for name in trial.interventions]},
    }
    has_results = trial.results_first_posted_on is not None
    protocol = {name: _said(part) for name, part in modules.items()}
    return {"protocolSection": protocol, "hasResults": has_results}


def _status(trial: StandinTrial) -> dict[str, Any]:
    dates = {
        "startDateStruct": trial.start,
        "primaryCompletionDateStruct": trial.primary_completion,
        "completionDateStruct": trial.completion,
        "resultsFirstPostDateStruct": trial.results_first_posted_on,
    }
    structs = {name: {"date": day} for name, day in dates.items() if day}
    return {"overallStatus": trial.status, "whyStopped": trial.why_stopped, **structs}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _ok(body: dict[str, Any]) -> Answer:
    return Answer(200, "application/json", json.dumps(body).encode())
