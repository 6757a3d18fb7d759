"""The proxy of the deployment, from its own file, over ports and directories of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.pages.server import Server, free_port, wait_for

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def nginx_program() -> str | None:
    """Where nginx is on this machine; Debian keeps it off the path of ordinary users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def adapted(port: int, application: Path, home: Path, static: Path) -> str:
    """The deployment's configuration with other ports and directories, and nothing else changed."""
    changes = {
        "listen 8080": f"listen 127.0.0.1:{port}",
        "/tmp/": f"{home}/",  # noqa: S108 - it stands in the file, of a container that has no other
        "/data/pages": f"{home}/pages",
        "/srv/static/": f"{static}/",
        "/etc/nginx/ldn": str(DEPLOY),
        "/run/ldn-kb/web.sock": str(application),
    }
    text = (DEPLOY / "nginx.conf").read_text()
    for ours, theirs in changes.items():
        assert ours in text, ours
        text = text.replace(ours, theirs)
    # Started by root, its processes would be another user's, without access to the directories of a test.
    return ("user root;\n" if os.geteuid() == 0 else "") + text


@contextmanager
def running_proxy(home: Path, application: Path, static: Path) -> Iterator[Server]:
    """The proxy in front of an application that listens at a file, in a directory of its own."""
    program = nginx_program()
    assert program, "nginx is not installed"
    server = Server(free_port())
    config = home / "nginx.conf"
    config.write_text(adapted(server.port, application, home, static))
    command = [program, "-p", str(home), "-c", str(config), "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=(home / "nginx.log").open("wb"))
    try:
        wait_for(server, process, "/static/favicon.svg")
        yield server
    finally:
        process.terminate()
        process.wait(30)
