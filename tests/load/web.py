"""The real web server, for measuring it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Web:
    """A running web server of ours."""

    port: int
    pid: int

    def fetch(self, path: str, **headers: str) -> bytes:
        """The body of one answer, as it was sent."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=named)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - an address of our own
            return bytes(answer.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_web(*, workers: int = 1, **environment: str) -> Iterator[Web]:
    """Granian as the deployment starts it; `workers` is the number of its processes."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "4", "--backpressure", "64"]
    log = Path(os.environ.get("DATA_DIR", ".")) / "bench.log"
    server = subprocess.Popen(
        [*command, "ldn_kb.wsgi:application"],
        env={**os.environ, **environment},
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield _answering(Web(port, server.pid))
    finally:
        server.terminate()
        server.wait()


def _answering(web: Web) -> Web:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            web.fetch("/healthz")
            return web
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not start")


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its children, in MB; what they share is counted once."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    rows = [line.split() for p in pids for line in Path(f"/proc/{p}/smaps_rollup").read_text().splitlines()]
    return sum(int(row[1]) for row in rows if row[0] == "Pss:") * 1024 / 1_000_000
