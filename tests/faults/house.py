"""A house of its own to break things in: a PostgreSQL, a Redis, real workers, and registries on a socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dj_database_url
import psycopg
from django.db import connections
from django.db.models import F
from redis import Redis

from ldn_kb import embedded, leftovers
from ldn_kb.celery import app
from ldn_kb.data_dir import make_data_dir
from ldn_kb.environment import BASE_DIR
from studies.models import RefreshRun, RegistryCheck, RegistryLease
from studies.sources.standin import Papers, Standin
from tests.pages.server import free_port

# Far more than anything here takes; reached only when something hangs.
PATIENCE = 90.0


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Return once it holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


class House:
    """Services and workers that a test may kill and start again.

    The registries keep their limits, so that `standin.refused` counts every question that came too soon.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.url = embedded.database_url(place)
        self.redis_url = embedded.redis_url(place)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.port = free_port()
        make_data_dir(place)
        self.start_postgres()
        self.start_redis()

    # ---- services

    def start_postgres(self) -> None:
        part = embedded.postgres(self.place, durable=False)
        # The server dies here, never the machine: what is committed need not be on the disk.
        part = replace(part, command=[*part.command, "-c", "synchronous_commit=on"])
        self.postgres = embedded.start(part, self.place)

    def stop_postgres(self) -> None:
        """Stop it as a fallen machine would: sessions are cut, nothing is written out."""
        self.postgres.send_signal(signal.SIGQUIT)
        self.postgres.wait(PATIENCE)

    def start_redis(self) -> None:
        self.redis_server = embedded.start(embedded.redis(self.place), self.place)
        self.redis = Redis.from_url(self.redis_url)

    def lose_redis(self) -> None:
        """Kill it, and lose all that it knew."""
        self.redis_server.kill()
        self.redis_server.wait(PATIENCE)
        shutil.rmtree(self.place / "redis")

    def hold_redis(self) -> None:
        """Redis takes no word and gives none until it is let go."""
        self.redis_server.send_signal(signal.SIGSTOP)

    def let_redis_go(self) -> None:
        self.redis_server.send_signal(signal.SIGCONT)

    def reach_registries(self, papers: Papers) -> Standin:
        """Put the registries at their address, with what they know."""
        self.standin = Standin(papers, port=self.port, keep_limits=True)
        return self.standin.__enter__()

    def cut_network(self) -> None:
        """Nobody listens at the registries' address any more."""
        self.standin.__exit__(None, None, None)

    # ---- workers

    @property
    def environment(self) -> dict[str, str]:
        return {
            **leftovers.mark(self.place, "worker"),
            **self.standin.settings,
            "DATABASE_URL": self.url,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.place),
            "SECRET_KEY": os.environ["SECRET_KEY"],
        }

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A process of the site, with a group of its own to be killed with."""
        with (self.place / "logs" / "worker.log").open("ab") as log:
            return subprocess.Popen(
                embedded.with_the_parent([sys.executable, *command]),
                cwd=BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def need_workers(self, n: int = 1) -> None:
        """Have so many workers, as a deployment starts them."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < n:
            name = f"w{time.monotonic_ns()}"
            words = f"-m celery -A ldn_kb worker -Q registries --concurrency 1 --loglevel INFO -n {name}"
            self.workers.append(self.start(*words.split(), "--without-gossip", "--without-mingle"))

    def kill_workers(self) -> None:
        """kill -9, parent and child at once: nothing is said, nothing given back."""
        for worker in self.workers:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(PATIENCE)

    def kill_working_processes(self) -> None:
        """kill -9 the processes that do the tasks; the workers that lead them live."""
        listing = subprocess.run(["ps", "-axo", "pid=,ppid="], check=True, capture_output=True, text=True)  # noqa: S607
        leaders = {str(worker.pid) for worker in self.workers}
        for pid, parent in (line.split() for line in listing.stdout.splitlines()):
            if parent in leaders:
                os.kill(int(pid), signal.SIGKILL)

    def send(self, task: str, *arguments: object, queue: str = "registries") -> None:
        with app.connection_for_write(embedded.celery_url(self.redis_url)) as line:
            app.send_task(f"studies.tasks.{task}", args=arguments, connection=line, queue=queue)

    # ---- time and locks

    def pass_time(self, **passed: float) -> None:
        """Let time pass, for what waits in the database and in Redis."""
        by = timedelta(**passed)
        for model, names in {
            RegistryLease: ["taken_at", "expires_at"],
            RegistryCheck: ["asked_at", "answered_at", "next_check_at"],
            RefreshRun: ["started_at", "finished_at"],
        }.items():
            model.objects.update(**{name: F(name) - by for name in names})
        for tag, score in self.redis.zrange("unacked_index", 0, -1, withscores=True):
            self.redis.zadd("unacked_index", {tag: score - by.total_seconds()})

    @contextmanager
    def nobody_writes(self, table: str) -> Iterator[None]:
        """Whoever writes to the table waits there, in the middle of a transaction, until the block ends."""
        with psycopg.connect(self.url) as line:
            line.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            yield

    def is_somebody_waiting(self) -> bool:
        with psycopg.connect(self.url, autocommit=True) as line:
            row = line.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            ).fetchone()
        return row is not None and row[0] > 0

    def close(self) -> None:
        self.kill_workers()
        leftovers.stop_all(self.place)
        embedded.remove_sockets(self.place)

    # ---- the tests' own look into the database

    @contextmanager
    def as_database(self) -> Iterator[None]:
        """Within the block the tests' own models read and write here."""
        usual = connections["default"]
        address = {**usual.settings_dict, **dj_database_url.parse(self.url)}
        here = type(usual)(address, "default")
        connections["default"] = here
        try:
            yield
        finally:
            here.close()
            connections["default"] = usual
