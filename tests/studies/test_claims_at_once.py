"""Workers that claim at the same moment. Alone in its file: what it commits is swept away with all else."""

from __future__ import annotations

from threading import Barrier, Event, Thread

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from studies.models import Study
from studies.services.claims import claim_due, hold_rows
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


def is_free(pk: int) -> bool:
    try:
        with transaction.atomic():
            return Study.objects.select_for_update(nowait=True).filter(pk=pk).exists()
    except DatabaseError:
        return False


def test_rows_are_held_in_one_order_so_that_two_registries_never_wait_for_each_other():
    """Whoever waits for the first holds nothing yet that its holder may want, wherever the rows lie."""
    first, second = (make.make_study(doi=f"10.1000/p{n}").pk for n in (1, 2))
    Study.objects.filter(pk=first).update(title="Written anew, and so behind the second on the disk")
    begun = Event()

    def hold_both():
        with transaction.atomic():
            begun.set()
            hold_rows([second, first])
        connection.close()

    other = Thread(target=hold_both)
    with transaction.atomic():
        hold_rows([first])
        other.start()
        begun.wait(10)
        while not somebody_waits_for_us():
            assert other.is_alive()
        assert is_free(second)
    other.join()


def somebody_waits_for_us() -> bool:
    ours = "transactionid = pg_current_xact_id()::xid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND {ours})")  # noqa: S608
        return bool(cursor.fetchone()[0])
