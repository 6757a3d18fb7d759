"""Rules of what registries say and of registered trials, each broken once; test_constraints.py runs them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.utils import timezone

from studies.models import (
    CitationImport,
    EditorTask,
    Find,
    FindMatch,
    ImportRow,
    MetadataProposal,
    Notice,
    RefreshRun,
    RegistryCheck,
    RegistryLease,
    SavedSearch,
    TrialCondition,
)
from tests import make

NOW = timezone.now()
BREAKERS: dict[str, Callable[[], object]] = {}


def breaks(name: str):
    def register(function):
        BREAKERS[name] = function
        return function

    return register


def check_with(rule: str, /, **fields) -> None:
    defaults = {"registry": "crossref", "asked_at": NOW, "answer": "unknown", "next_check_at": NOW}
    BREAKERS[rule] = lambda: RegistryCheck.objects.create(study=make.make_study(), **{**defaults, **fields})


check_with("registry_check_registry_known", registry="rumour")
check_with("registry_check_answer_known", answer="maybe")
check_with("registry_check_found_was_answered", answer="found")
check_with("registry_check_counts_failures", answer="failed", failures=0)
check_with("registry_check_fails_since_a_failure", failing_since=NOW)


@breaks("registry_check_once_per_study")
def _check_twice():
    fields = {"study": make.make_study(), "registry": "pubmed", "answer": "unknown"}
    for _ in range(2):
        RegistryCheck.objects.create(asked_at=NOW, next_check_at=NOW, **fields)


@breaks("registry_lease_once_per_study")
def _lease_twice():
    study = make.make_study()
    for _ in range(2):
        RegistryLease.objects.create(study=study, registry="pubmed", expires_at=NOW)


@breaks("registry_lease_registry_known")
def _lease_of_nobody():
    RegistryLease.objects.create(study=make.make_study(), registry="rumour", expires_at=NOW)


def task_with(rule: str, /, **fields) -> None:
    defaults = {"kind": "identity", "registry": "crossref", "detail": "Another title", "opened_at": NOW}
    BREAKERS[rule] = lambda: EditorTask.objects.create(**{"study": make.make_study(), **defaults, **fields})


task_with("editor_task_kind_known", kind="chore")
task_with("editor_task_registry_known", registry="rumour")
task_with("editor_task_is_about_a_study_or_a_file", kind="shrunken file")
task_with("editor_task_closing_is_whole", state="done")


@breaks("editor_task_open_once")
def _task_twice():
    for _ in range(2):
        EditorTask.objects.create(
            kind="shrunken file", registry="retraction_watch", detail="Fewer rows", opened_at=NOW
        )


@breaks("notice_once")
def _notice_twice():
    study = make.make_study()
    for _ in range(2):
        Notice.objects.create(
            study=study, kind="concern", raw_kind="x", registry="crossref", first_seen_at=NOW
        )


@breaks("notice_kind_known")
def _odd_notice():
    Notice.objects.create(
        study=make.make_study(), kind="gossip", raw_kind="x", registry="crossref", first_seen_at=NOW
    )


def proposal_with(rule: str, /, times: int = 1, **fields) -> None:
    def make_proposals():
        defaults = {"study": make.make_study(), "registry": "crossref", "field": "volume", "new": "7"}
        for _ in range(times):
            MetadataProposal.objects.create(**{**defaults, "proposed_at": NOW, **fields})

    BREAKERS[rule] = make_proposals


proposal_with("proposal_open_once", times=2)
proposal_with("proposal_state_known", state="lost")
proposal_with("proposal_decision_is_dated", state="accepted")
proposal_with("proposal_undoing_is_dated", state="undone", decided_at=NOW)


@breaks("refresh_run_ends_after_its_start")
def _run_back_in_time():
    RefreshRun.objects.create(registry="crossref", started_at=NOW, finished_at=NOW.replace(year=2000))


def trial_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_trial(**fields)


trial_with("trial_has_an_id", registry_id="")
trial_with("trial_has_a_title", title="")
trial_with("trial_start_is_a_date", start="soon")
trial_with("trial_completion_is_a_date", completion="2024/1")
trial_with("trial_primary_completion_is_a_date", primary_completion="soon")
trial_with("trial_posted_on_a_day_is_posted", results_posted_on=NOW, has_posted_results=False)
trial_with("trial_registry_answer_known", registry_answer="perhaps")
trial_with("trial_found_was_answered", registry_answer="found")
trial_with("trial_status_is_dated", status_as_of="today")
trial_with("trial_url_is_a_web_address", source_url="javascript:1")
trial_with("trial_source_kind_known", source_kind="rumour")


@breaks("trial_names_a_condition_once")
def _trial_condition_twice():
    trial, condition = make.make_trial(), make.make_condition()
    for _ in range(2):
        TrialCondition.objects.create(trial=trial, condition=condition)


def search_with(rule: str, /, **fields) -> None:
    defaults = {"name": "Weekly", "registry": "pubmed", "query": "naltrexone"}
    BREAKERS[rule] = lambda: SavedSearch.objects.create(**{**defaults, **fields})


search_with("search_registry_known", registry="rumour")
search_with("search_asks_something", query=" ")
search_with("search_has_a_name", name=" ")


def make_find(**fields) -> Find:
    defaults = {"registry": "pubmed", "identifier": "1", "title": "A trial"}
    return Find.objects.create(**{**defaults, "first_found_at": NOW, "last_found_at": NOW, **fields})


def find_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make_find(**fields)


find_with("find_decision_has_who_and_when", state="taken")


@breaks("find_state_known")
def _find_in_no_state():
    make_find(state="lost", decided_at=NOW, decided_by=get_user_model().objects.create_user("ada"))


find_with("find_registry_known", registry="rumour")


@breaks("find_once")
def _find_twice():
    make_find()
    make_find()


@breaks("find_dismissal_has_a_reason")
def _dismissed_without_a_word():
    ada = get_user_model().objects.create_user("ada")
    make_find(state="dismissed", decided_at=NOW, decided_by=ada)


@breaks("find_matches_a_search_once")
def _matched_twice():
    find = make_find()
    search = SavedSearch.objects.create(name="Weekly", registry="pubmed", query="naltrexone")
    for _ in range(2):
        FindMatch.objects.create(find=find, search=search, query="naltrexone")


def make_import(**fields) -> CitationImport:
    defaults = {"name": "a.ris", "content": b"TY", "size": 2, "sha256": "0", "uploaded_at": NOW}
    return CitationImport.objects.create(**{**defaults, **fields})


def import_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make_import(**fields)


import_with("import_state_known", state="lost")
import_with("import_has_a_name", name=" ")
import_with("import_refusal_has_a_reason", state="refused")
import_with("import_saving_is_dated", state="saved")


def import_row_with(rule: str, /, **fields) -> None:
    defaults = {"number": 1, "line": 1, "state": "new", "citation": {"title": "A"}}
    BREAKERS[rule] = lambda: ImportRow.objects.create(citation_import=make_import(), **{**defaults, **fields})


import_row_with("import_row_state_known", state="lost")
import_row_with("import_row_says_something_or_why_not", state="unreadable", citation=None)


@breaks("import_row_once")
def _import_row_twice():
    whole = make_import()
    for _ in range(2):
        ImportRow.objects.create(citation_import=whole, number=1, line=1, state="new", citation={})
