"""Releases beside other transactions: one at a time, and none that says it holds what it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from conditions.models import Release
from conditions.services import releases
from conditions.services.release_standing import read_standing
from conditions.services.releases import ReleaseUnderWayError, make_release
from studies.models import Study
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beside() -> Iterator[Callable[..., Future]]:
    """Runs something in a transaction and over a connection of its own."""

    def run(work: Callable[[], object]) -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda work: pool.submit(run, work)


def test_of_two_at_once_one_is_made_and_the_other_is_told(beside, monkeypatch):
    make.make_study(conditions=[make.make_condition()])
    is_reading, may_go_on, read = threading.Event(), threading.Event(), releases.read_content

    def read_slowly() -> dict[str, bytes]:
        is_reading.set()
        assert may_go_on.wait(30)
        return read()

    monkeypatch.setattr(releases, "read_content", read_slowly)
    first = beside(lambda: make_release(now=timezone.now()))
    assert is_reading.wait(30)
    with pytest.raises(ReleaseUnderWayError, match="another release is being made: wait"):
        make_release(now=timezone.now())
    with pytest.raises(CommandError, match="another release is being made: wait"):
        call_command("make_release")
    may_go_on.set()
    release, is_new = first.result(30)
    assert is_new
    assert make_release(now=timezone.now()) == (release, False)
    assert list(Release.objects.all()) == [release]


def test_one_that_fails_lets_the_next_one_be_made(monkeypatch):
    make.make_study(conditions=[make.make_condition()])
    with monkeypatch.context() as broken:
        broken.setattr(releases, "read_copies", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_release(now=timezone.now())
    assert not Release.objects.exists()
    assert make_release(now=timezone.now())[1]


def test_many_at_once_make_one(beside):
    make.make_study(conditions=[make.make_condition()])
    start = threading.Barrier(2)

    def make_one() -> str:
        start.wait(30)
        try:
            return "new" if make_release(now=timezone.now())[1] else "same"
        except ReleaseUnderWayError:
            return "told"

    said = {attempt.result(60) for attempt in [beside(make_one), beside(make_one)]}
    assert "new" in said
    assert said <= {"new", "told", "same"}
    assert Release.objects.count() == 1


def test_what_was_being_written_while_a_release_was_made_counts_as_a_change(beside):
    study = make.make_study(conditions=[make.make_condition()])
    is_written, may_commit = threading.Event(), threading.Event()

    @transaction.atomic
    def write() -> None:
        Study.objects.filter(pk=study.pk).update(title="Another")
        is_written.set()
        assert may_commit.wait(30)

    writing = beside(write)
    assert is_written.wait(30)
    make_release(now=timezone.now())
    standing = read_standing(day=None)
    assert standing is not None
    assert standing.is_changed is False
    may_commit.set()
    writing.result(30)
    standing = read_standing(day=None)
    assert standing is not None
    assert standing.is_changed is True
