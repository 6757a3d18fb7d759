"""The editors see how each registry stands, and ask again from there."""

from __future__ import annotations

import pytest
from django.utils import timezone

from ldn_kb.celery import app
from studies import tasks
from studies.models import RefreshRun
from studies.services.registries import read_levels
from studies.sources.standin import Fault
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
    RefreshRun.objects.create(registry="crossref", started_at=timezone.now(), due=8, asked=3)
    page = editor.get(RUNS).content.decode()
    assert "3 of 8 papers" in page
    assert 'http-equiv="refresh"' in page


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
    }
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert read_levels() == {}
