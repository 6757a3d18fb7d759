"""The real web server over the test database, and readers that speak HTTP to it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


class FileConnection(http.client.HTTPConnection):
    """To a server that listens at a file."""

    def __init__(self, file: Path) -> None:
        super().__init__("127.0.0.1", timeout=30)
        self.file = file

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.file))


@dataclass
class Server:
    """A server on a port of this machine or at a file, and the number of its process if it is one of ours."""

    port: int
    pid: int = 0
    socket_file: Path | None = None

    def line(self) -> http.client.HTTPConnection:
        """A connection for several questions; whoever wants it closes it."""
        if self.socket_file:
            return FileConnection(self.socket_file)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        over: http.client.HTTPConnection | None = None,
        **headers: str,
    ) -> Reply:
        """One request over a connection of its own or a given one; header names with _ for hyphens."""
        line = over or self.line()
        try:
            line.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = line.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            if over is None:
                line.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url(name: str = "") -> str:
    """The address of the database that the tests write to, or of another one of the same server."""
    names = connection.settings_dict
    host = names["HOST"].replace("/", "%2F")
    login = names["USER"] + (f":{names['PASSWORD']}" if names["PASSWORD"] else "")
    return f"postgresql://{login}@{host}:{names['PORT'] or 5432}/{name or names['NAME']}"


@contextmanager
def running_server(
    *,
    workers: int = 2,
    socket_file: Path | None = None,
    **environment: str,
) -> Iterator[Server]:
    """The web server as a deployment starts it, with several processes."""
    port = free_port()
    place = ["--socket", str(socket_file)] if socket_file else ["--port", str(port)]
    command = [sys.executable, "-m", "ldn_kb.serve", *place, "--workers", str(workers)]
    env = {**os.environ, "DATABASE_URL": database_url(), "DEBUG": "0", **environment}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server(port, process.pid, socket_file)
    try:
        wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def wait_for(server: Server, process: subprocess.Popen[bytes], path: str = "/healthz") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.ask(path)
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {process.poll()}")
