"""Registered trials are asked about each week, over a real socket, to the rendered page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis import Redis

from conditions.models import Certainty
from conditions.services.answers import refresh_answers
from studies import tasks
from studies.models import RefreshRun, Trial
from studies.services import trial_refresh
from studies.services.refresh import describe_registries
from studies.services.registries import open_client
from studies.sources.standin import Fault, Standin, StandinTrial, papers_of
from tests import make
from tests.conditions.test_pools import scale, trials  # noqa: F401 - fixtures
from tests.studies.sources.conftest import HeldClock

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NUMBER = "NCT00568555"
THERE = StandinTrial(
    NUMBER,
    "Naltrexone in fibromyalgia",
    status="TERMINATED",
    why_stopped="no money",
    start="2009-01",
    primary_completion="2011-02-03",
    completion="2011-06",
)


@pytest.fixture
def standin(settings, monkeypatch) -> Iterator[Standin]:
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter("bucket:*"):
        redis.delete(key)
    clock = HeldClock(1_000_000.0, []).as_clock()
    monkeypatch.setattr(trial_refresh, "open_client", partial(open_client, clock=clock))
    with Standin(papers_of([])) as server:
        server.papers.add_trial(THERE)
        settings.CLINICALTRIALS_URL = server.settings["CLINICALTRIALS_URL"]
        yield server


@pytest.fixture
def condition():
    return make.make_condition(name="Fibromyalgia")


@pytest.fixture
def trial(condition) -> Trial:
    row = make.make_trial(
        registry_id=NUMBER, title="Naltrexone in fibromyalgia", status="recruiting", completion="2030"
    )
    row.trial_conditions.create(condition=condition)
    return row


def ask() -> RefreshRun | None:
    tasks.refresh_due_trials()
    return RefreshRun.objects.order_by("-pk").first()


def make_due() -> None:
    Trial.objects.update(next_check_at=timezone.now() - timedelta(minutes=1))


def page(client, address) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_status_reason_and_dates_are_those_of_the_registry(client, standin, trial):
    run = ask()
    trial.refresh_from_db()
    assert (run.registry, run.due, run.found, run.failed) == ("clinicaltrials", 1, 1, 0)
    assert (trial.status, trial.why_stopped) == ("terminated", "no money")
    assert (trial.primary_completion, trial.completion) == ("2011-02-03", "2011-06")
    text = page(client, f"/trials/{NUMBER}/")
    assert "“no money”" in text
    assert f"last answer on {timezone.localdate():%-d %B %Y}" in text


def test_missing_results_are_shown_wherever_the_trial_is(client, standin, trial, condition):
    ask()
    assert "This is missing evidence" in page(client, f"/trials/{NUMBER}/")
    assert "Results overdue (1)" in page(client, "/trials/")
    assert "complete 3 February 2011; no results posted" in page(client, condition.get_absolute_url())


def test_posted_results_are_not_overdue(client, standin, trial):
    standin.papers.add_trial(replace(THERE, results_first_posted_on="2013-05-06"))
    ask()
    trial.refresh_from_db()
    assert (trial.has_posted_results, trial.results_posted_on) == (True, date(2013, 5, 6))
    text = page(client, f"/trials/{NUMBER}/")
    assert "posted in the registry on 6 May 2013" in text
    assert "Results overdue" not in text


def test_the_twelve_months_count_from_the_primary_outcome(trial):
    trial.status, trial.primary_completion, trial.completion = "completed", "2025-01-10", "2026-06-01"
    assert not trial.is_overdue_on(date(2026, 1, 9))
    assert trial.is_overdue_on(date(2026, 1, 10))


def test_certainty_is_judged_anew_with_the_answer(standin, trial, trials, scale):  # noqa: F811
    refresh_answers(now=timezone.now())
    before = Certainty.objects.get()
    ask()
    after = Certainty.objects.get()
    assert NUMBER not in str(before.steps)
    assert f"Results of {NUMBER} are overdue" in str(after.steps)
    assert after.input_hash != before.input_hash


def test_when_the_answers_cannot_be_computed_nothing_is_taken_over(standin, trial, settings):
    settings.AFTER_STUDIES_CHANGE = ["tests.studies.test_trial_refresh.refuse"]
    with pytest.raises(ArithmeticError):
        ask()
    trial.refresh_from_db()
    assert trial.status == "recruiting"
    assert "ArithmeticError" in RefreshRun.objects.get().error


def refuse(*, now) -> None:
    raise ArithmeticError


def test_nothing_is_asked_before_the_week_is_over(standin, trial):
    ask()
    standin.requests.clear()
    ask()
    assert standin.requests == []


def test_unchanged_data_cost_one_question(standin, trial):
    ask()
    standin.requests.clear()
    make_due()
    ask()
    assert [request.path for request in standin.requests] == ["/api/v2/version"]
    trial.refresh_from_db()
    assert (trial.registry_answer, trial.next_check_at > timezone.now()) == ("found", True)


def test_a_new_trial_is_asked_about_though_the_data_are_unchanged(standin, trial):
    ask()
    standin.papers.add_trial(StandinTrial("NCT00000007", "Another"))
    make.make_trial(registry_id="NCT00000007", title="Another")
    ask()
    assert Trial.objects.get(registry_id="NCT00000007").status == "completed"


@pytest.mark.parametrize("kind", ["html", "empty", "cut", "status"])
def test_a_failure_changes_nothing_and_is_seen(client, standin, trial, kind):
    Trial.objects.update(why_stopped="kept", primary_completion="2029")
    standin.faults.append(Fault(kind, status=503, match="studies", times=99))
    run = ask()
    trial.refresh_from_db()
    assert (trial.status, trial.why_stopped, trial.primary_completion) == ("recruiting", "kept", "2029")
    assert (trial.registry_answer, run.failed) == ("failed", 1)
    assert run.error
    assert trial.next_check_at > timezone.now() - timedelta(days=1)
    assert describe_registries()["clinicaltrials"]["state"] == "failing"
    assert "no answer yet" in page(client, f"/trials/{NUMBER}/")


def test_after_a_failure_it_is_asked_though_the_data_are_unchanged(standin, trial):
    ask()
    Trial.objects.update(status="recruiting")
    make_due()
    standin.papers.version = "2026-11-21T09:00:05"
    standin.faults.append(Fault("status", status=503, match="filter.ids", times=99))
    ask()
    standin.faults.clear()
    make_due()
    ask()
    trial.refresh_from_db()
    assert trial.status == "terminated"


def test_a_wait_that_the_registry_names_is_not_left_to_the_hourly_timetable(standin, trial, monkeypatch):
    agreed = []
    monkeypatch.setattr(trial_refresh, "open_client", open_client)  # by the real clock
    monkeypatch.setattr(tasks.refresh_due_trials, "apply_async", lambda _, **when: agreed.append(when))
    cache.delete("ldn-kb:again:clinicaltrials")
    standin.faults.append(Fault("status", status=429, retry_after="600", times=99))
    ask()
    ask()  # another worker, or another beat
    [when] = agreed
    assert 590 < when["countdown"] < 700
    assert when["expires"] > when["countdown"]
    cache.delete("ldn-kb:again:clinicaltrials")


def test_a_trial_that_waits_for_its_week_to_pass_is_left_to_the_timetable(standin, trial):
    ask()
    almost = Trial.objects.get().next_check_at - timedelta(minutes=10)
    assert trial_refresh.seconds_to_wait_for_trials(now=almost) is None
    Trial.objects.update(next_check_at=almost + timedelta(minutes=5))
    assert trial_refresh.seconds_to_wait_for_trials(now=almost) == 301


def test_another_trial_under_the_number_is_for_an_editor(client, standin, trial):
    standin.papers.add_trial(replace(THERE, title="Ketamine for depression", interventions=("Ketamine",)))
    run = ask()
    trial.refresh_from_db()
    assert (trial.status, trial.registry_answer, run.conflicts) == ("recruiting", "conflict", 1)
    assert "another trial under this number" in page(client, f"/trials/{NUMBER}/")


def test_a_reworded_title_is_no_other_trial_while_the_entry_gives_naltrexone(client, standin, trial):
    there = replace(THERE, title="Life Improvement Trial", interventions=("Placebo", "Naltrexone 4.5 mg"))
    standin.papers.add_trial(there)
    run = ask()
    trial.refresh_from_db()
    assert (trial.status, trial.registry_answer, run.conflicts) == ("terminated", "found", 0)
    assert trial.title == "Naltrexone in fibromyalgia"
    assert "another trial" not in page(client, f"/trials/{NUMBER}/")


def test_a_number_unknown_there_keeps_what_is_known(standin, trial):
    standin.papers.trials.clear()
    ask()
    trial.refresh_from_db()
    assert (trial.status, trial.registry_answer) == ("recruiting", "unknown")


def test_trials_of_a_dead_worker_are_taken_up_again(standin, trial):
    trial_refresh._claim(timezone.now())
    assert ask() is None
    make_due()
    assert ask().found == 1


def test_trials_of_a_killed_worker_are_taken_up_by_the_next_look(standin, trial):
    began_at = timezone.now()
    trial_refresh._claim(began_at)
    RefreshRun.objects.create(registry="clinicaltrials", started_at=began_at, due=1)
    assert ask().found == 1
