"""The editors see how each registry stands, and ask again from there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ldn_kb.celery import app
from studies import tasks
from studies.models import RefreshRun, Trial
from studies.services.registries import open_client, read_levels
from studies.services.runs import open_run
from studies.sources.standin import Fault
from tests import make
from tests.studies.admin_world import sign_in
from tests.studies.test_refresh import check_of, no_waiting, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
RUNS = "/admin/studies/refreshrun/"


@pytest.fixture
def editor():
    app.conf.task_always_eager = True
    yield sign_in("ada", group="Editors")
    app.conf.task_always_eager = False


def test_a_failure_is_shown_with_what_came_and_retried_by_its_button(editor, standin, no_waiting, study):  # noqa: F811
    standin.faults.append(Fault("html", times=99))
    tasks.refresh_registry("crossref")
    page = editor.get(RUNS).content.decode()
    assert "Crossref: failing" in page
    assert "1 could not be checked, the first since" in page
    assert "Nothing could be checked since" in page
    assert "&lt;!doctype html" in page.lower()
    standin.faults.clear()
    assert editor.post(f"{RUNS}ask/", {"ask": "failed:crossref"}).status_code == 302
    assert check_of(study).answer == "found"
    page = editor.get(RUNS).content.decode()
    assert "Crossref: failing" not in page
    assert "Nothing could be checked since" not in page


def test_a_run_under_way_shows_how_far_it_is_and_the_page_renews_itself(editor):
    assert 'http-equiv="refresh"' not in editor.get(RUNS).content.decode()
    with open_run(registry="crossref", due=8, now=timezone.now()) as run:
        RefreshRun.objects.filter(pk=run.pk).update(asked=3)
        page = editor.get(RUNS).content.decode()
        assert "3 of 8 papers <progress" in page
        with open_run(registry="crossref", due=2, now=timezone.now()) as helper:
            RefreshRun.objects.filter(pk=helper.pk).update(asked=2)
            assert "5 of 8 papers, 2 workers at it <progress" in editor.get(RUNS).content.decode()
    assert 'http-equiv="refresh"' in page


def test_a_run_whose_worker_was_killed_is_not_shown_as_under_way(editor):
    RefreshRun.objects.create(registry="crossref", started_at=timezone.now(), due=8, asked=3)
    page = editor.get(RUNS).content.decode()
    assert "3 of 8 papers" not in page
    assert 'http-equiv="refresh"' not in page


def test_only_an_editor_asks_and_only_with_a_button_that_there_is(editor, study):  # noqa: F811
    assert sign_in("eve").post(f"{RUNS}ask/", {"ask": "due:crossref"}).status_code == 403
    assert editor.get(f"{RUNS}ask/").status_code == 403
    assert editor.post(f"{RUNS}ask/", {"ask": "due:rumour"}).status_code == 400


def test_the_level_of_each_pool_can_be_read_and_is_empty_without_redis(settings, standin):  # noqa: F811
    assert {name: list(pools) for name, pools in read_levels().items()} == {
        "crossref": ["lists", "singles"],
        "pubmed": ["no-key"],
        "openalex": ["no-key"],
        "europepmc": ["search"],
        "clinicaltrials": ["all"],
    }
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert read_levels() == {}


def test_the_page_shows_what_each_pool_may_still_send_and_how_long_it_was_told_to_wait(editor, standin):  # noqa: F811
    client = open_client("crossref")
    bucket = client._buckets["lists"]
    bucket.hold(90)
    client.close()
    page = " ".join(editor.get(RUNS).content.decode().split())
    assert "Requests (lists):" in page
    assert "told to wait until" in page
    assert "of 1 may be sent at once" in page


def test_without_redis_the_page_says_so(settings, editor):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "Redis cannot be reached" in editor.get(RUNS).content.decode()


def test_registered_trials_are_shown_and_asked_about_again_from_there(editor, monkeypatch, settings):
    settings.CLINICALTRIALS_URL = "http://127.0.0.1:9"
    now = timezone.now()
    trial = make.make_trial(registry_id="NCT00000001")
    Trial.objects.filter(pk=trial.pk).update(
        registry_answer="failed", registry_asked_at=now, next_check_at=now + timedelta(hours=3)
    )
    page = " ".join(editor.get(RUNS).content.decode().split())
    assert "ClinicalTrials.gov" in page
    assert "1 could not be checked" in page
    asked = []
    monkeypatch.setattr(tasks.refresh_due_trials, "delay", lambda: asked.append(True))
    assert editor.post(f"{RUNS}ask/", {"ask": "failed:clinicaltrials"}).status_code == 302
    assert asked
    assert Trial.objects.get().next_check_at <= timezone.now()
