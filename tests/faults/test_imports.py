"""Real workers read and save a file of citations and are killed at it: nothing is lost, doubled or half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from studies.models import CitationImport, Find, ImportRow
from studies.services.import_progress import KEPT_SECONDS
from studies.services.imports import LOST_AFTER, store_import
from tests.faults.house import House, wait_until

N = 600
State = CitationImport.State


@pytest.fixture
def upload(house) -> CitationImport:
    entries = (f"TY  - JOUR\nTI  - Paper {n}\nDO  - 10.1000/p{n}\nER  - \n" for n in range(N))
    return store_import(name="many.ris", content="".join(entries).encode(), now=timezone.now())


def state() -> str:
    return CitationImport.objects.values_list("state", flat=True).get()


def send(house: House, task: str, upload: CitationImport, until: str) -> None:
    house.need_workers()
    house.send(task, upload.pk)
    wait_until(lambda: state() == until, f"the import is {until}")


@contextmanager
def killed_in(house: House, table: str) -> Iterator[None]:
    """A task that is sent within the block comes to this table, and its worker is killed there."""
    house.need_workers()
    with house.nobody_writes(table):
        yield
        wait_until(house.is_somebody_waiting, f"a worker that writes to {table}")
        house.kill_workers()
    wait_until(lambda: not house.is_somebody_waiting(), "the end of the killed worker's session")


def test_a_worker_reads_and_saves_a_file_and_doing_it_again_adds_nothing(house, upload):
    send(house, "read_citation_import", upload, State.READ)
    upload.refresh_from_db()
    assert (upload.n_new, upload.rows.count(), Find.objects.count()) == (N, N, 0)
    for _ in range(2):
        send(house, "save_citation_import", upload, State.SAVED)
        send(house, "read_citation_import", upload, State.SAVED)
    wait_until(lambda: not house.redis.llen("registries"), "no task left")
    assert Find.objects.count() == N
    assert ImportRow.objects.filter(find__isnull=False).count() == N


def test_a_worker_killed_in_the_middle_of_reading_leaves_a_file_that_the_timetable_reads(house, upload):
    with killed_in(house, "studies_importrow"):
        house.send("read_citation_import", upload.pk)
    assert (state(), ImportRow.objects.count()) == (State.WAITING, 0)
    (progress,) = house.redis.keys("*ldn-kb:import:*")
    assert 0 < house.redis.ttl(progress) <= KEPT_SECONDS, "what a dead worker said is soon forgotten"
    house.need_workers()
    house.send("read_waiting_imports")
    CitationImport.objects.update(uploaded_at=timezone.now() - LOST_AFTER - timedelta(minutes=1))
    house.send("read_waiting_imports")
    wait_until(lambda: state() == State.READ, "the file is read")
    assert ImportRow.objects.filter(state="new").count() == N


def test_a_worker_killed_in_the_middle_of_saving_saves_nothing_and_the_next_all(house, upload):
    send(house, "read_citation_import", upload, State.READ)
    with killed_in(house, "studies_find"):
        house.send("save_citation_import", upload.pk)
    assert (state(), Find.objects.count()) == (State.READ, 0)
    send(house, "save_citation_import", upload, State.SAVED)
    assert Find.objects.count() == N
