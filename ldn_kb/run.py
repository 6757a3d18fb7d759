"""`make run`: everything on one machine, from an empty directory to a running site, and its orderly end."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ldn_kb import data_dir as data
from ldn_kb import embedded, leftovers
from ldn_kb.data_dir import ServiceError
from ldn_kb.embedded import Part
from ldn_kb.environment import BASE_DIR, Environment, read_environment

PYTHON = sys.executable
LONGEST_PAUSE = 60
LARGEST_LOG = 10_000_000


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is what whoever starts the site reads


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    began = time.monotonic()
    print(f"  {text} ...", end=" ", flush=True)  # noqa: T201
    try:
        yield
    except BaseException:
        say("stopped")
        raise
    say(f"{time.monotonic() - began:.1f} s")


@dataclass
class Child:
    """A part of the site that is kept running: started again, after a growing pause, when it ends."""

    part: Part
    process: subprocess.Popen[bytes]
    restarts: int = 0
    started_at: float = field(default_factory=time.monotonic)
    start_again_at: float | None = None


class Site:
    """What runs, and in which order: services first, then web, worker and beat."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.data_dir = env.data_dir
        self.children: list[Child] = []

    def start(self) -> None:
        """Bring everything up, in order.

        Raises:
            ServiceError: something is in the way; the message is the line to print.
        """
        left = leftovers.stop_all(self.data_dir)
        if left:
            say(f"  stopped what an earlier start had left running: {', '.join(left)}")
        check_port(self.env.port)
        check_services(self.env)
        for make in embedded.needed(self.env.database_url, self.env.redis_url):
            part = make(self.data_dir)
            with step(f"starting {part.name}"):
                self._add(part)
        with step("bringing the database up to date"):
            self._manage("migrate", "--no-input")
        if self._is_empty():
            with step("loading the evidence"):
                self._manage("load_evidence")
        with step("packing styles and scripts"):
            self._manage("collect_static")
        with step("starting the web server, the worker and the timetable"):
            for part in own_parts(self.env.port):
                self._add(part)

    def keep_running(self) -> None:
        """Start again whatever ends, until a signal asks to stop."""
        while True:
            for child in self.children:
                self._look_after(child)
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop everything that was started, what uses the services first, and nothing else."""
        leftovers.stop_all(self.data_dir)
        embedded.remove_sockets(self.data_dir)

    def _add(self, part: Part) -> None:
        self.children.append(Child(part, embedded.start(part, self.data_dir)))

    def _look_after(self, child: Child) -> None:
        if child.start_again_at is not None:
            if time.monotonic() >= child.start_again_at:
                self._start_again(child)
        elif child.process.poll() is not None:
            if time.monotonic() - child.started_at > 10 * LONGEST_PAUSE:
                child.restarts = 0
            code = child.process.returncode
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            self._put_off(child, f"{child.part.name} {how} (see logs/{child.part.name}.log)")

    def _start_again(self, child: Child) -> None:
        leftovers.stop(self.data_dir, [child.part.name])  # what a killed process has left of its own
        try:
            child.process = embedded.start(child.part, self.data_dir)
        except ServiceError as error:
            self._put_off(child, str(error))
            return
        child.start_again_at, child.started_at = None, time.monotonic()
        say(f"  {child.part.name} runs again")

    def _put_off(self, child: Child, why: str) -> None:
        pause = min(2**child.restarts, LONGEST_PAUSE)
        child.restarts, child.start_again_at = child.restarts + 1, time.monotonic() + pause
        say(f"  {why}; starting it again in {pause} s")

    def _manage(self, *arguments: str) -> None:
        log = self.data_dir / "logs" / "setup.log"
        command = embedded.with_the_parent([PYTHON, "manage.py", *arguments])
        with log.open("ab") as out:
            began_at = out.tell()
            env = leftovers.mark(self.data_dir, "setup")
            result = subprocess.run(command, cwd=BASE_DIR, env=env, stdout=out, stderr=out)
        if result.returncode != 0:
            said = log.read_bytes()[began_at:].decode(errors="replace")
            raise ServiceError(f"`manage.py {arguments[0]}` failed: {embedded.reason(said)} (see {log})")

    def _is_empty(self) -> bool:
        import psycopg

        with psycopg.connect(self.env.database_url or embedded.database_url(self.data_dir)) as connection:
            row = connection.execute("SELECT EXISTS (SELECT 1 FROM studies_study)").fetchone()
        return row is not None and not row[0]


def own_parts(port: int) -> list[Part]:
    """The site's own processes: web server, worker and timetable."""
    worker = (
        "celery -A ldn_kb worker --queues celery,registries --concurrency 1 --loglevel INFO --without-gossip"
    )
    beat = "celery -A ldn_kb beat --loglevel INFO --pidfile="

    def command(words: str) -> list[str]:
        return embedded.with_the_parent([PYTHON, "-m", *words.split()])

    return [
        Part("web", command(f"ldn_kb.serve --port {port}"), lambda: answers(port)),
        Part("worker", command(worker)),
        Part("beat", command(beat)),
    ]


def answers(port: int) -> bool:
    """True when the site answers on its port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def check_port(port: int) -> None:
    """Raise ServiceError when the port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            why = "is in use: stop what listens there" if is_taken else "is kept for root: become root"
            other = port + 1 if 1024 <= port < 65535 else 8000
            raise ServiceError(f"Port {port} {why}, or choose another with PORT={other} make run") from None


def check_services(env: Environment) -> None:
    """Raise ServiceError when a database or Redis that was set cannot be used."""
    import psycopg
    import redis

    if env.database_url:
        try:
            psycopg.connect(env.database_url, connect_timeout=5).close()
        except psycopg.Error as error:
            raise _unusable("DATABASE_URL", error) from None
    if env.redis_url:
        try:
            redis.Redis.from_url(env.redis_url, socket_connect_timeout=5).ping()
        except (redis.RedisError, ValueError, OSError) as error:
            raise _unusable("REDIS_URL", error) from None


def _unusable(name: str, error: Exception) -> ServiceError:
    why = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return ServiceError(f"{name} cannot be used: {why}. Correct it, or unset it to use the embedded service.")


def turn_logs(data_dir: Path) -> None:
    """Put long logs aside, one generation back."""
    for log in (data_dir / "logs").glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))


def welcome(env: Environment) -> str:
    """What whoever starts the site needs to know."""
    is_usual = env.data_dir == Environment.model_fields["data_dir"].default
    where = "" if is_usual else f"DATA_DIR={shlex.quote(str(env.data_dir))} "
    return f"""
The site runs at http://localhost:{env.port}/
  an editor's login:  {where}.venv/bin/python manage.py createsuperuser
                      then http://localhost:{env.port}/admin/
  logs:               {env.data_dir / "logs"}
  stop:               Ctrl-C
"""


def run(env: Environment) -> None:
    """Hold the data directory, start the site and keep it running until a signal asks to stop.

    Raises:
        ServiceError: it cannot run; the message is the line to print.
    """
    data.make_data_dir(env.data_dir)
    with data.hold(env.data_dir):
        turn_logs(env.data_dir)
        site = Site(env)
        try:
            site.start()
            say(welcome(env))
            site.keep_running()
        except KeyboardInterrupt:
            say("\nStopping ...")
        finally:
            ignore_signals()
            site.stop()


def ask_to_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """The first signal asks; those that follow change nothing."""
    ignore_signals()
    raise KeyboardInterrupt


def ignore_signals() -> None:
    """From here on the site is stopping, and is not to be interrupted in that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    env = read_environment()
    os.chdir(BASE_DIR)
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    try:
        run(env)
    except KeyboardInterrupt:
        return 0
    except (ServiceError, ImportError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
