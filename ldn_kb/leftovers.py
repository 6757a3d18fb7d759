"""The processes of one data directory, found by a mark in their environment: no stranger's is ever stopped.

A mark outlives the process that set it, so that what a killed start has left behind is found as surely as
what runs now; a process number alone may by then belong to somebody else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ldn_kb.data_dir import socket_dir

SITE, PART = "LDN_KB_SITE", "LDN_KB_PART"
SERVICES = ("redis", "postgres")
# On SIGINT PostgreSQL ends its sessions and writes everything out; on SIGTERM it would wait for them.
SIGNALS = {"postgres": signal.SIGINT}
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process that was started for a data directory: which part of the site, and whether it leads it."""

    pid: int
    part: str
    is_leader: bool


def mark(data_dir: Path, part: str) -> dict[str, str]:
    """The environment of a process to be started as a part of the site."""
    return {**os.environ, SITE: socket_dir(data_dir).name, PART: part}


def find(data_dir: Path) -> list[Process]:
    """Every running process of the data directory, but for the one that asks."""
    site = f"{SITE}={socket_dir(data_dir).name}"
    found = []
    for pid, words in _environments():
        part = next((word.partition("=")[2] for word in words if word.startswith(f"{PART}=")), "")
        if site in words and part and pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                found.append(Process(pid, part, is_leader=os.getsid(pid) == pid))
    return found


def stop_all(data_dir: Path) -> list[str]:
    """Stop what runs for the data directory: first what uses the services, then those; return the names."""
    parts = {process.part for process in find(data_dir)}
    stop(data_dir, parts - set(SERVICES))
    stop(data_dir, parts & set(SERVICES))
    return sorted(parts)


def stop(data_dir: Path, parts: Collection[str], *, seconds: float = 15) -> None:
    """Stop some parts: their leaders are asked, and given time; what is left after that is made to."""
    deadline = time.monotonic() + seconds
    for process in _leaders(data_dir, parts):
        _send(process.pid, SIGNALS.get(process.part, signal.SIGTERM))
    while _leaders(data_dir, parts) and time.monotonic() < deadline:
        time.sleep(0.05)
    while left := [process for process in find(data_dir) if process.part in parts]:
        for process in left:
            _send(process.pid, signal.SIGKILL)
        time.sleep(0.05)


def program(pid: int) -> str:
    """The name of the program that a process runs; empty where there is no such process."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "comm").read_text().strip()
    listing = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S607
    return Path(listing.stdout.strip()).name


def _leaders(data_dir: Path, parts: Collection[str]) -> list[Process]:
    return [process for process in find(data_dir) if process.part in parts and process.is_leader]


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _environments() -> list[tuple[int, list[str]]]:
    """The number of each process that we may look into, and the words of its environment."""
    if not (PROC / "self" / "environ").exists():
        return _environments_by_ps()
    found = []
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is somebody else's
            words = (folder / "environ").read_bytes().decode(errors="replace").split("\0")
            found.append((int(folder.name), words))
    return found


def _environments_by_ps() -> list[tuple[int, list[str]]]:
    """The same where there is no /proc, as on macOS."""
    listing = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True, text=True)  # noqa: S607
    rows = [line.split() for line in listing.stdout.splitlines()]
    return [(int(row[0]), row[1:]) for row in rows if row]
