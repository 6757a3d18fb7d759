"""Any number of workers share what is due, and a dead one loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ldn_kb.celery import app
from studies import tasks
from studies.models import RegistryLease
from studies.services.claims import LEASE, claim_due, release
from studies.services.refresh import refresh
from studies.sources.standin import Fault
from tests import make
from tests.studies.test_refresh import no_waiting, page_of, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def test_what_a_dead_worker_had_taken_is_asked_when_its_lease_expires(standin, study):  # noqa: F811
    now = timezone.now()
    assert claim_due(registry="crossref", now=now, size=10) == [study.pk]
    assert refresh(registry="crossref", now=now).asked == 0
    assert refresh(registry="crossref", now=now + LEASE + timedelta(seconds=1)).found == 1
    assert not RegistryLease.objects.exists()


def test_what_was_given_back_may_be_taken_at_once(study):  # noqa: F811
    now = timezone.now()
    release(registry="crossref", studies=claim_due(registry="crossref", now=now, size=10))
    assert claim_due(registry="crossref", now=now, size=10) == [study.pk]


def test_a_registry_that_says_later_is_asked_later_and_the_rest_is_never_asked(
    client,
    standin,  # noqa: F811
    no_waiting,  # noqa: F811
    study,  # noqa: F811
):
    for number in range(600):
        make.make_study(title=f"Paper {number}", doi=f"10.1000/p{number}")
    standin.faults.append(Fault("status", status=429, retry_after="7200", times=99))
    run = refresh(registry="crossref", now=timezone.now())
    assert run.waiting > 0
    assert run.due == 601
    assert len(standin.requests) < 5
    waiting = RegistryLease.objects.filter(registry="crossref").first().study
    assert "Crossref never asked" in page_of(client, waiting)


def test_the_tasks_of_registries_have_their_queue_and_every_timetable_entry_expires():
    for name in ("refresh_registry", "refresh_studies", "refresh_due_citations"):
        task = getattr(tasks, name)
        assert app.amqp.router.route({}, task.name)["queue"].name == "registries"
        assert task.acks_late
    assert all(entry["options"]["expires"] for entry in app.conf.beat_schedule.values())
