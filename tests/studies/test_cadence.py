"""Status is asked about weekly, or daily while it is in doubt; fields are compared every four weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from studies import tasks
from studies.models import RefreshRun, Study
from studies.sources.standin import Paper
from tests.studies.test_refresh import PAPER, ask, check_of, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
NOTICE = {"DOI": "10.1000/notice", "type": "expression_of_concern", "source": "publisher"}


def after(**span):
    return time_machine.travel(timezone.now() + timedelta(**span, minutes=1))


def ask_in_time() -> int:
    """What the timetable does; how many papers were asked about."""
    before = set(RefreshRun.objects.values_list("pk", flat=True))
    tasks.refresh_registry("crossref")
    return sum(RefreshRun.objects.exclude(pk__in=before).values_list("asked", flat=True))


def say(server, **fields) -> None:
    server.papers.add(Paper(**{**PAPER.__dict__, **fields}))


def test_a_field_waits_four_weeks_while_a_notice_is_seen_within_the_week(standin, study):  # noqa: F811
    assert ask_in_time() == 1
    first = check_of(study).fields_checked_at
    say(standin, volume="8", updated_by=(NOTICE,))
    with after(days=6):
        assert ask_in_time() == 0
    with after(days=7):
        assert ask_in_time() == 1
    study.refresh_from_db()
    assert (study.publication_status, study.volume) == ("concern", "7")
    assert check_of(study).fields_checked_at == first
    with after(days=28):
        assert ask_in_time() == 1
    study.refresh_from_db()
    assert study.volume == "8"
    assert check_of(study).fields_checked_at > first


def test_while_a_concern_is_open_the_paper_is_asked_about_daily(standin, study):  # noqa: F811
    say(standin, updated_by=(NOTICE,))
    assert ask_in_time() == 1
    with after(hours=23):
        assert ask_in_time() == 0
    with after(days=1):
        assert ask_in_time() == 1


def test_whoever_asks_about_a_paper_has_its_fields_compared_at_once(standin, study):  # noqa: F811
    ask()
    say(standin, volume="8")
    with after(days=1):
        ask(keys=[study.key])
    study.refresh_from_db()
    assert study.volume == "8"


def test_after_another_paper_was_there_the_fields_are_compared_with_the_next_answer(standin, study):  # noqa: F811
    ask()
    title = study.title
    Study.objects.filter(pk=study.pk).update(title="A survey of something else entirely", year=1999)
    with after(days=7):
        assert ask_in_time() == 1
    assert (check_of(study).answer, check_of(study).fields_checked_at) == ("conflict", None)
    Study.objects.filter(pk=study.pk).update(title=title, year=2020, issue=None)
    say(standin, volume="8")
    with after(days=14):
        assert ask_in_time() == 1
    study.refresh_from_db()
    assert study.volume == "8"
