"""No reader is given the old page later than a second after a retraction is committed.

Real server processes, readers that ask without pause while an editor's transaction commits, and a channel
that is whole, cut, or silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from pages.models import Page, PublishRun, Write
from pages.services import publishing
from pages.services.addresses import find_addresses
from pages.services.publishing import ADVISORY_LOCK, find_fresh, publish_stale, read_version
from pages.services.reading import connect
from readers.services.problems import answer_report, report_problem
from studies.domain.bibliography import Difference
from studies.models import EditorTask, Find, Study
from studies.services.claims import hold, release
from studies.services.editor_tasks import open_task
from studies.services.facts import propose
from studies.services.following import follow_changes
from studies.services.notices import recompute_status
from tests import make
from tests.pages.server import Server, database_url, running_server

KEY = "bruun2024"
PATHS = (f"/studies/{KEY}/", "/conditions/fibromyalgia/", "/")
LIMIT_SECONDS = 1.0
# How long a busy machine may keep readers from asking again: no more than a guard against hanging.
PATIENCE_SECONDS = 60.0

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("corpus")]


@pytest.fixture(autouse=True)
def _few_pages(monkeypatch):
    """The publisher's rounds are over a few of the addresses; that it finds all is test_front's to say."""
    few = {*PATHS, "/doses/", "/trials/", f"/api/v1/studies/{KEY}/"}
    monkeypatch.setattr(
        publishing, "find_addresses", lambda: (path for path in find_addresses() if path in few)
    )


class Readers:
    """Threads that ask for pages without pause and note when each answer was asked for, and which it was.

    Of two who read the same page one keeps his connection, as browsers do, and one dials each time.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.seen: list[tuple[float, str, int, str]] = []
        self.is_over = False
        self.threads = [
            threading.Thread(target=self._read, args=[path, keeps_its_line])
            for path in PATHS
            for keeps_its_line in (True, False)
        ]

    def _read(self, path: str, keeps_its_line: bool) -> None:
        line = self.server.line()
        while not self.is_over:
            asked_at = time.monotonic()
            reply = self.server.ask(path, over=line, Accept_Encoding="br")
            self.seen.append((asked_at, path, reply.status, reply.headers.get("etag", "")))
            if not keeps_its_line:
                line.close()
        line.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over = True
            for thread in self.threads:
                thread.join()

    def wait_for_answers(self, *, asked_after: float) -> None:
        """Until each page was asked for after that moment, and for half a second more."""
        time.sleep(max(0.0, asked_after + 0.5 - time.monotonic()))
        given_up_at = time.monotonic() + PATIENCE_SECONDS
        while not all(self.tags(path, after=asked_after) for path in PATHS):
            assert time.monotonic() < given_up_at, "nobody read after the write"
            time.sleep(0.05)

    def tags(self, path: str, *, after: float = 0, before: float = float("inf")) -> set[str]:
        return {tag for at, of, _, tag in list(self.seen) if of == path and after <= at < before}


@transaction.atomic
def take_back(key: str) -> None:
    study = Study.objects.select_for_update().get(key=key)
    study.notices.all().delete()
    recompute_status(study=study)
    follow_changes(now=timezone.now())


@pytest.fixture
def _retracted_no_more() -> Iterator[None]:
    yield
    connection.close()
    take_back(KEY)


def hammer_through_a_retraction(server: Server) -> None:
    """Warm all processes, retract while readers read, and hold every answer against the clock."""
    publish_stale(now=timezone.now())
    readers = Readers(server)
    with readers.reading():
        readers.wait_for_answers(asked_after=time.monotonic() + 1)
        began_at = time.monotonic()
        make.retract(KEY)
        committed_at = time.monotonic()
        readers.wait_for_answers(asked_after=committed_at + LIMIT_SECONDS)
    assert {status for _, _, status, _ in readers.seen} == {200}
    for path in (f"/studies/{KEY}/", "/conditions/fibromyalgia/"):
        # Before the transaction began: readers have the new page before its commit has come back to us.
        old = readers.tags(path, before=began_at)
        assert len(old) == 1, "the page was not steady before the write"
        new = readers.tags(path, after=committed_at + LIMIT_SECONDS)
        assert not new & old, f"{path} was old more than {LIMIT_SECONDS} s after the commit"
    assert b"retract" in server.ask(f"/studies/{KEY}/").body.lower()


@pytest.mark.usefixtures("_retracted_no_more")
def test_a_retraction_reaches_every_reader_of_every_process_within_a_second(site: Server):
    hammer_through_a_retraction(site)


@pytest.mark.usefixtures("_retracted_no_more")
def test_so_it_does_when_the_channel_tells_nothing(site: Server):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('pages_note_write'::regproc)")
        whole = cursor.fetchone()[0]
        cursor.execute(whole.replace("PERFORM pg_notify('pages', '');", ""))
        try:
            hammer_through_a_retraction(site)
        finally:
            cursor.execute(whole)


@pytest.mark.usefixtures("_retracted_no_more")
def test_so_it_does_while_the_listening_connections_are_cut_again_and_again(site: Server):
    is_over = threading.Event()

    def cut() -> None:
        while not is_over.wait(0.05):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                    "AND datname = current_database() AND (query LIKE 'LISTEN%%' OR query LIKE %s)",
                    ["SELECT pages_version(), (now()%"],
                )
        connection.close()

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        hammer_through_a_retraction(site)
    finally:
        is_over.set()
        cutter.join()


def test_news_is_told_at_the_commit_and_not_before(site: Server):
    publish_stale(now=timezone.now())
    before = site.ask("/").headers["etag"]
    with transaction.atomic():
        Study.objects.filter(key=KEY).update(status="in_review")
        time.sleep(1)
        assert site.ask("/").headers["etag"] == before
        assert site.ask(f"/studies/{KEY}/").status == 200
        transaction.set_rollback(True)
    assert site.ask("/").headers["etag"] == before


def test_a_study_that_is_taken_back_is_gone_for_readers_and_from_the_rows(site: Server):
    publish_stale(now=timezone.now())
    assert site.ask(f"/studies/{KEY}/").status == 200
    Study.objects.filter(key=KEY).update(status="in_review")
    try:
        time.sleep(LIMIT_SECONDS)
        assert site.ask(f"/studies/{KEY}/").status == 404
        assert site.ask(f"/api/v1/studies/{KEY}/").status == 404
        publish_stale(now=timezone.now())
        assert not Page.objects.filter(path__contains=KEY).exists()
    finally:
        Study.objects.filter(key=KEY).update(status="published")


def test_a_write_that_changes_nothing_makes_nothing_stale():
    publish_stale(now=timezone.now())
    version = read_version()
    study = Study.objects.get(key=KEY)
    Study.objects.filter(key=KEY).update(title=study.title)
    Study.objects.filter(key="nobody1900").update(title="x")
    assert read_version() == version
    assert publish_stale(now=timezone.now()) is None


def test_one_transaction_counts_once_and_one_that_fails_not_at_all():
    version = read_version()
    study = Study.objects.get(key=KEY)
    with transaction.atomic():
        for word in ("one", "two"):
            Study.objects.filter(key=KEY).update(conclusion=word)
    assert read_version() == version + 1
    with transaction.atomic():
        Study.objects.filter(key=KEY).update(conclusion=study.conclusion)
        transaction.set_rollback(True)
    assert read_version() == version + 1
    Study.objects.filter(key=KEY).update(conclusion=study.conclusion)


def test_what_a_reader_reports_makes_no_page_stale_and_an_editors_answer_does(django_user_model):
    editor = django_user_model.objects.create_user("ada")
    version = read_version()
    report = report_problem(page="/about/", words="A sentence is wrong.", address="", now=timezone.now())
    assert read_version() == version
    answer_report(report=report, text="Mended.", shows_words=False, editor=editor, now=timezone.now())
    assert read_version() == version + 1
    report.delete()
    editor.delete()


def test_what_is_undone_to_a_savepoint_and_done_again_still_counts():
    version = read_version()
    study = Study.objects.get(key=KEY)
    with transaction.atomic():
        with transaction.atomic():
            Study.objects.filter(key=KEY).update(conclusion="undone")
            transaction.set_rollback(True)
        Study.objects.filter(key=KEY).update(conclusion="done")
    assert read_version() == version + 1
    Study.objects.filter(key=KEY).update(conclusion=study.conclusion)


def test_the_version_stays_when_the_counts_of_gone_sessions_are_added_up():
    Write.objects.create(backend=2_000_000_000, n_transactions=7)
    version = read_version()
    publish_stale(now=timezone.now())
    assert read_version() == version
    assert not Write.objects.filter(backend=2_000_000_000).exists()


def test_at_the_turn_of_the_day_every_page_is_stale():
    publish_stale(now=timezone.now())
    assert find_fresh(paths=["/trials/"]) == ["/trials/"]
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        assert find_fresh(paths=["/trials/"]) == []


def test_a_renamed_checker_makes_pages_stale(django_user_model):
    user = django_user_model.objects.create(username="before")
    version = read_version()
    user.save()
    assert read_version() == version
    user.username = "after"
    user.save()
    assert read_version() == version + 1
    user.delete()


def test_a_run_tells_how_far_it_is_and_which_page_failed(monkeypatch):
    def fail(path: str):
        if path == "/doses/":
            raise RuntimeError("broken")
        return whole(path)

    whole = publishing.render
    Page.objects.all().delete()
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "render", fail)
        run = publish_stale(now=timezone.now())
    stored = PublishRun.objects.get(pk=run.pk)
    assert stored.finished_at is not None
    assert (stored.n_failed, stored.n_published) == (1, stored.n_stale - 1)
    assert stored.error == "/doses/: RuntimeError"
    assert publish_stale(now=timezone.now()).n_published == 1


def test_a_second_run_beside_the_first_does_nothing(site: Server):
    Page.objects.filter(path="/").delete()
    other = connect()
    other.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    assert publish_stale(now=timezone.now()) is None
    other.close()


def test_pages_of_other_code_are_not_ours():
    publish_stale(now=timezone.now())
    Page.objects.filter(path="/").update(edition="another")
    with running_server(workers=1) as server:
        assert server.ask("/").status == 200
        assert Page.objects.get(path="/").edition != "another"


def test_when_the_database_is_away_nothing_is_answered_from_memory():
    """A page that nobody can vouch for is an error here; the proxy in front keeps serving."""
    publish_stale(now=timezone.now())
    with running_server(workers=1) as server:
        assert server.ask("/").status == 200
        name = connection.settings_dict["NAME"]
        with psycopg.connect(database_url("postgres"), autocommit=True) as outside:
            outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                outside.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                time.sleep(LIMIT_SECONDS)
                assert server.ask("/").status == 500
            finally:
                outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
                connection.close()
        time.sleep(LIMIT_SECONDS)
        assert server.ask("/").status == 200


def test_that_a_worker_takes_a_study_to_ask_about_it_makes_no_page_stale():
    pk, now = Study.objects.get(key=KEY).pk, timezone.now()
    before = read_version()
    hold(registry="crossref", studies=[pk], now=now, until=now)
    hold(registry="crossref", studies=[pk], now=now, until=now + timedelta(minutes=1))
    release(registry="crossref", studies=[pk])
    assert read_version() == before
    with transaction.atomic():
        Study.objects.filter(pk=pk).update(updated_at=now)
        assert read_version() > before
        transaction.set_rollback(True)


def test_what_is_put_before_editors_makes_no_page_stale():
    study, now = Study.objects.get(key=KEY), timezone.now()
    before = read_version()
    with transaction.atomic():
        difference = Difference("volume", study.volume, "999")
        assert propose(study=study, registry="crossref", difference=difference, now=now)
        open_task(kind=EditorTask.Kind.SHRUNKEN_FILE, registry="crossref", detail="smaller", now=now)
        Find.objects.create(
            registry="pubmed", identifier="1", title="A", first_found_at=now, last_found_at=now
        )
        assert read_version() == before
        transaction.set_rollback(True)
