"""What registries sent is emptied when it is old; hash and dates stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from studies import tasks
from studies.models import RefreshRun
from studies.services.pruning import BODIES_KEPT
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
