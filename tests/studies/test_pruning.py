"""What registries sent is emptied when it is old; hash and dates stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from studies import tasks
from studies.models import RefreshRun
from studies.services.outages import nothing_checked_since
from studies.services.pruning import BODIES_KEPT, RUNS_KEPT, prune_runs
from tests.studies.test_refresh import ask, check_of, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def test_an_old_body_is_emptied_and_its_hash_and_dates_stay(standin, study):  # noqa: F811
    ask()
    RefreshRun.objects.update(error_body="<html>")
    before = check_of(study)
    assert before.body
    with time_machine.travel(timezone.now() + BODIES_KEPT - timedelta(hours=1)):
        tasks.prune_registry_bodies()
    assert check_of(study).body == before.body
    assert RefreshRun.objects.get().error_body == "<html>"
    with time_machine.travel(timezone.now() + BODIES_KEPT + timedelta(hours=1)):
        tasks.prune_registry_bodies()
    after = check_of(study)
    assert (after.body, RefreshRun.objects.get().error_body) == ("", "")
    kept = ("body_sha256", "body_stored_at", "found_at", "answered_at", "asked_at", "answer", "next_check_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def test_a_paper_that_is_asked_about_again_keeps_its_newest_body(standin, study):  # noqa: F811
    ask()
    with time_machine.travel(timezone.now() + BODIES_KEPT + timedelta(hours=1)):
        ask()
        tasks.prune_registry_bodies()
    assert check_of(study).body


def test_runs_of_long_ago_are_dropped_but_for_those_that_tell_how_a_registry_stands():
    now = timezone.now()
    long_ago = now - RUNS_KEPT - timedelta(days=100)

    def run(registry: str, day: int, **fields) -> int:
        at = long_ago + timedelta(days=day)
        times = {"started_at": at, "finished_at": at}
        return RefreshRun.objects.create(registry=registry, **{**times, **fields}).pk

    run("crossref", 1, error="down")
    run("crossref", 2, asked=1, found=1)
    answered = run("crossref", 3, asked=1, found=1)
    outage = run("crossref", 4, error="down")
    run("crossref", 5, error="down")
    last = run("crossref", 6, error="down")
    run("pubmed", 1, asked=1, found=1)
    young = run("pubmed", 1, asked=1, found=1, started_at=now, finished_at=now)
    unended = run("pubmed", 1, finished_at=None)
    before = nothing_checked_since()
    assert prune_runs(now=now) == 4
    kept = {answered, outage, last, young, unended}
    assert set(RefreshRun.objects.values_list("pk", flat=True)) == kept
    assert nothing_checked_since() == before
    assert prune_runs(now=now) == 0
