"""Workers that claim at the same moment. Alone in its file: what it commits is swept away with all else."""

from __future__ import annotations

from threading import Barrier, Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from studies.models import Study
from studies.services.claims import claim_due
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_at_once_share_the_studies_and_none_is_taken_twice():
    for number in range(60):
        make.make_study(title=f"Paper {number}", doi=f"10.1000/p{number}")
    now, start, shares = timezone.now(), Barrier(4), []

    def work():
        start.wait()
        while share := claim_due(registry="crossref", now=now, size=7):
            shares.append(share)
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = [pk for share in shares for pk in share]
    assert len(taken) == len(set(taken)) == 60


@pytest.mark.parametrize(("is_edited", "is_taken"), [(False, True), (True, False)])
def test_an_answer_of_another_registry_holds_no_study_back_and_an_editor_does(is_edited, is_taken):
    study = make.make_study(doi="10.1000/p")
    is_held, is_over = Event(), Event()

    def hold_its_row():
        with transaction.atomic():
            Study.objects.select_for_update(no_key=not is_edited).get(pk=study.pk)
            is_held.set()
            is_over.wait(10)
        connection.close()

    other = Thread(target=hold_its_row)
    other.start()
    is_held.wait(10)
    taken = claim_due(registry="crossref", now=timezone.now(), size=10)
    is_over.set()
    other.join()
    assert taken == ([study.pk] if is_taken else [])
