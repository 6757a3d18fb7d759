"""Asking one address as fast as it answers, with wrk, and what it says of that."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from statistics import median

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Figure:
    """What wrk saw: answers a second, and the milliseconds in which half and 99 in 100 of them came."""

    rate: float
    p50_ms: float
    p99_ms: float


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def measure(
    url: str, connections: int, *, seconds: int, runs: int = 3, script: str = "", **headers: str
) -> Figure:
    """The median of several runs, with a script in Lua for what is asked where it is not always the same.

    Raises SystemExit where an answer was not a 2xx or 3xx, or none came.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        options = [*_headers(headers), *(["--script", file.name] if script else [])]
        figures = [_run(url, connections, seconds, options) for _ in range(runs)]
    return Figure(
        median(figure.rate for figure in figures),
        median(figure.p50_ms for figure in figures),
        median(figure.p99_ms for figure in figures),
    )


def _headers(headers: dict[str, str]) -> list[str]:
    return [
        word for name, value in headers.items() for word in ("--header", f"{name.replace('_', '-')}: {value}")
    ]


def _run(url: str, connections: int, seconds: int, options: list[str]) -> Figure:
    command = ["wrk", "--threads", str(min(connections, 2)), "--connections", str(connections)]
    command += ["--duration", f"{seconds}s", "--latency", *options]
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    # One answer that came too late counts among the times; one that was none is a failure.
    if "Non-2xx" in told or re.search(r"Socket errors: (?!connect 0, read 0, write 0)", told):
        raise SystemExit(f"{url} did not answer as it should:\n{told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    times = {
        share: float(n) * UNITS[unit] for share, n, unit in re.findall(r"(50|99)%\s+([\d.]+)([a-z]+)", told)
    }
    if rate is None or float(rate[1]) == 0:
        raise SystemExit(f"{url} did not answer:\n{told}")
    return Figure(float(rate[1]), times["50"], times["99"])
