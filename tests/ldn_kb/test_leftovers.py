"""Only the processes of one data directory are ever stopped, whoever started them and whoever has died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldn_kb import leftovers

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"]  # fmt: skip # noqa: E501
# The child says when it is up: right after it was started, its environment is still empty.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"])
time.sleep(60)
"""


class Started:
    """Starts processes as parts of a site and ends what is left of them."""

    def __init__(self) -> None:
        self.all: list[subprocess.Popen[str]] = []

    def __call__(
        self, command: list[str], environment: dict[str, str], *, new_session: bool = True
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=new_session
        )
        self.all.append(process)
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        return process


@pytest.fixture
def started() -> Iterator[Started]:
    maker = Started()
    yield maker
    for process in maker.all:
        process.kill()
        process.communicate()


def test_the_processes_of_a_data_directory_are_found_and_stopped(started, tmp_path):
    web = started(SLEEP, leftovers.mark(tmp_path, "web"))
    assert leftovers.find(tmp_path) == [leftovers.Process(web.pid, "web", is_leader=True)]
    assert leftovers.stop_all(tmp_path) == ["web"]
    assert web.wait() == -15
    assert leftovers.find(tmp_path) == []


def test_a_stranger_and_the_site_next_door_are_left_alone(started, tmp_path):
    stranger = started(SLEEP, dict(os.environ))
    neighbour = started(SLEEP, leftovers.mark(tmp_path / "next door", "web"))
    ours = started(SLEEP, leftovers.mark(tmp_path, "web"))
    assert leftovers.stop_all(tmp_path) == ["web"]
    ours.wait()
    assert stranger.poll() is None
    assert neighbour.poll() is None


def test_another_part_of_the_same_site_is_left_alone(started, tmp_path):
    web = started(SLEEP, leftovers.mark(tmp_path, "web"))
    worker = started(SLEEP, leftovers.mark(tmp_path, "worker"))
    leftovers.stop(tmp_path, ["web"])
    web.wait()
    assert worker.poll() is None


def test_what_does_not_listen_is_made_to_end(started, tmp_path):
    deaf = started(DEAF, leftovers.mark(tmp_path, "web"))
    leftovers.stop(tmp_path, ["web"], seconds=0.3)
    assert deaf.wait() == -9


def test_the_child_of_a_killed_process_is_found(started, tmp_path):
    parent = started([sys.executable, "-c", PARENT], leftovers.mark(tmp_path, "worker"))
    parent.kill()
    parent.wait()
    (orphan,) = leftovers.find(tmp_path)
    assert not orphan.is_leader
    leftovers.stop_all(tmp_path)
    assert leftovers.find(tmp_path) == []


def test_services_are_stopped_after_what_uses_them(started, tmp_path):
    order = tmp_path / "order"
    note = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(float(sys.argv[3]))\n"
        "    pathlib.Path(sys.argv[1]).open('a').write(sys.argv[2])\n"
        "    sys.exit()\n"
        "signal.signal(15, end); signal.signal(2, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    for part, pause in (("postgres", "0"), ("web", "0.5")):
        started([sys.executable, "-c", note, str(order), f"{part} ", pause], leftovers.mark(tmp_path, part))
    leftovers.stop_all(tmp_path)
    deadline = time.monotonic() + 10
    while len(order.read_text().split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert order.read_text() == "web postgres "


def test_the_program_behind_a_number_is_told_and_none_for_a_number_that_is_free(started):
    assert leftovers.program(started(SLEEP, dict(os.environ)).pid).startswith("python")
    free = int(Path("/proc/sys/kernel/pid_max").read_text()) + 1 if Path("/proc/sys").exists() else 99_999_999
    assert leftovers.program(free) == ""
