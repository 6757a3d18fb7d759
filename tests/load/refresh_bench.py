"""`make bench-refresh`: the citation refresh over 100,000 synthetic papers, against its bars.

Real workers ask four quick stand-in registries that keep the documented limits at SPEED times the speed. Each
line of figures says whether its bar is met; a missed one ends in exit code 1. SIZE and SPEED may be set.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import django

from tests.load.memory import resident_mb
from tests.load.registries import PAPER, is_left_out, make_desks

SIZE = int(os.environ.get("SIZE", "100000"))
SPEED = float(os.environ.get("SPEED", "50"))
# Spaced by the pace's own upper end: 1,000 requests a second.
LIFTED = 1_000_000.0
WORKERS = 2
# A worker waits for each answer: OpenAlex allows more than two can ask.
WORKERS_AT_THE_LIMITS = 4
LEAST_SHARE = 95.0
LEAST_RATIO = 2.0
# What the memory of a worker may grow by, from a tenth of the way to the end.
MOST_GROWTH = 1.05
MARKS = (10, 50, 100)
PATIENCE_SECONDS = 3600


@dataclass
class Phase:
    """One measured run: what was asked, how long it took, and the memory of the largest worker on the way."""

    tallies: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: float = 0
    memory: dict[int, float] = field(default_factory=dict)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    os.environ["OPENALEX_API_KEY"] = "synthetic"
    with registries() as port:
        url = f"http://127.0.0.1:{port}"
        os.environ |= {
            "CROSSREF_URL": url,
            "NCBI_URL": f"{url}/entrez",
            "OPENALEX_URL": f"{url}/openalex",
            "EUROPEPMC_URL": f"{url}/europepmc",
            "CLINICALTRIALS_URL": url,
            "RETRACTION_WATCH_CSV": "",
        }
        django.setup()
        from tests.load.seed import make_tables

        make_tables()
        seed(SIZE)
        print(f"{SIZE:,} synthetic papers, limits at {SPEED:g} times the real speed")
        bars = [*without_limits(port), *at_the_limits(port)]
    return 0 if all(bars) else 1


def seed(n: int) -> None:
    """Papers that no registry has been asked about, and that nothing is missing from."""
    from django.db import connection

    from studies.models import Study

    began = time.monotonic()
    with connection.cursor() as cursor:
        # Without triggers: no page and no entry of the search is waiting for them.
        cursor.execute("SET session_replication_role = replica")
        for start in range(0, n, 1_000):
            Study.objects.bulk_create(synthetic(i) for i in range(start, min(start + 1_000, n)))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    print(f"{n:,} papers made in {time.monotonic() - began:.1f} s")


def synthetic(i: int) -> Any:
    from studies.models import Study

    return Study(
        key=f"synthetic{1000 + i % 9000}{chr(97 + i // 9000)}",
        title=PAPER.title.replace("7777777", f"{i:07}"),
        authors=list(PAPER.authors),
        journal=PAPER.journal,
        journal_abbrev=PAPER.journal_abbrev,
        year=PAPER.year,
        volume=PAPER.volume,
        issue=PAPER.issue,
        pages=PAPER.pages,
        doi=f"10.5555/synthetic.{i:07}",
        pmid=900_000_000 + i,
        design="cohort",
        blinding="none",
        conclusion="Synthetic: made for a measurement.",
        publication_status="current",
        answered_status="current",
    )


def at_the_limits(port: int) -> Iterator[bool]:
    """Each registry by itself, a week later; print its line and yield whether it meets its bars."""
    print(
        f"\n{WORKERS_AT_THE_LIMITS} workers, a week after the first asking, {SPEED:g} times the real speed:"
    )
    print(
        f"{'registry':10} {'papers':>8} {'lists':>6} {'single':>6} {'sent':>6} {'equal':>5} {'429':>4} "
        f"{'seconds':>8} {'req/s':>7} {'allowed':>7} {'%':>6}  MB at {' '.join(f'{m:>3} %' for m in MARKS)}"
    )
    phases = {}
    for name in make_desks():
        make_due([name])
        phases[name] = measure(port, [name], workers=WORKERS_AT_THE_LIMITS, speed=SPEED)
        yield report(name, phases[name])
    sent = sum(
        phase.tallies[name]["lists"] + phase.tallies[name]["singles"] for name, phase in phases.items()
    )
    refused = sum(phase.tallies[name]["refused"] for name, phase in phases.items())
    seconds = sum(phase.seconds for phase in phases.values())
    print(f"{'in all':10} {SIZE:8} {sent:27.0f} {refused:10.0f} {seconds:8.1f} {sent / seconds:7.1f}")


def report(name: str, phase: Phase) -> bool:
    from studies.sources.registries import REGISTRIES

    tally, desk = phase.tallies[name], make_desks()[name]
    lists, singles = ceil(SIZE / REGISTRIES[name].batch_size), sum(map(is_left_out, range(SIZE)))
    sent = int(tally["lists"] + tally["singles"])
    is_equal = (tally["lists"], tally["singles"]) == (lists, singles)
    seconds = tally["ended"] - tally["began"]
    pools = [(lists, desk.lists), (singles, desk.singles)]
    together = [(lists + singles, desk.lists)] if desk.lists is desk.singles else pools
    permitted = max(n / (pool.per_second * SPEED) for n, pool in together)
    share = 100 * permitted / seconds
    growth = phase.memory[MARKS[-1]] / phase.memory[MARKS[0]]
    bars = [is_equal, tally["refused"] == 0, share >= LEAST_SHARE, growth <= MOST_GROWTH]
    memory = " ".join(f"{phase.memory[mark]:5.0f}" for mark in MARKS)
    print(
        f"{name:10} {SIZE:8} {lists:6} {singles:6} {sent:6} {'yes' if is_equal else 'NO':>5} "
        f"{tally['refused']:4.0f} {seconds:8.1f} {sent / seconds:7.1f} {sent / permitted:7.1f} {share:6.1f}"
        f"       {memory}  {verdict(all(bars))}",
        flush=True,
    )
    return all(bars)


def without_limits(port: int) -> Iterator[bool]:
    """All registries without limits, asked for the first time, with one worker and with two."""
    names = list(make_desks())
    forget()
    one = measure(port, names, workers=1, speed=0).seconds
    forget()
    two = measure(port, names, workers=2, speed=0).seconds
    is_met = one / two >= LEAST_RATIO
    print(
        f"\nlimits lifted: 1 worker {one:.1f} s, 2 workers {two:.1f} s, {one / two:.2f} times as fast "
        f"(bar {LEAST_RATIO:g})  {verdict(is_met)}"
    )
    yield is_met


def verdict(is_met: bool) -> str:
    return "pass" if is_met else "FAIL"


def measure(port: int, names: list[str], *, workers: int, speed: float) -> Phase:
    """Let so many workers ask these registries about what is due, and return what was seen."""
    from django.conf import settings
    from redis import Redis

    from studies.tasks import refresh_registry

    Redis.from_url(settings.REDIS_URL).flushdb()
    control(port, f"?speed={speed:g}")
    phase = Phase()
    with running_workers(workers, speed or LIFTED) as pids:
        began = time.monotonic()
        for name in names:
            for _ in range(workers):
                refresh_registry.delay(name)
        while not is_done(names):
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise SystemExit("the workers do not come to an end")
            watch(port, names, pids, phase)
            time.sleep(0.1)
        phase.seconds = time.monotonic() - began
        watch(port, names, pids, phase)
    phase.memory = {mark: phase.memory.get(mark, 0) for mark in MARKS}
    return phase


def is_done(names: list[str]) -> bool:
    """Whether each of these registries has been asked about every paper, and no worker is at it still."""
    from django.utils import timezone

    from studies.models import RefreshRun, RegistryCheck

    checks = RegistryCheck.objects.filter(registry__in=names)
    return (
        not RefreshRun.objects.filter(finished_at__isnull=True).exists()
        and not checks.filter(next_check_at__lte=timezone.now()).exists()
        and checks.count() == SIZE * len(names)
    )


def forget() -> None:
    """Nobody has asked about any paper."""
    from studies.models import RefreshRun, RegistryCheck, RegistryLease

    for model in (RegistryCheck, RegistryLease, RefreshRun):
        model.objects.all()._raw_delete("default")


def make_due(names: list[str]) -> None:
    """A week has passed since these registries were asked."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from studies.models import RefreshRun, RegistryCheck

    RefreshRun.objects.all()._raw_delete("default")
    past = timezone.now() - timedelta(minutes=1)
    RegistryCheck.objects.filter(registry__in=names).update(next_check_at=past)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE studies_registrycheck")


def watch(port: int, names: list[str], pids: list[int], phase: Phase) -> None:
    """Keep what was asked so far, and the largest worker's memory at each mark of the way."""
    phase.tallies = control(port)
    sent = sum(phase.tallies[name]["lists"] for name in names)
    from studies.sources.registries import REGISTRIES

    whole = sum(ceil(SIZE / REGISTRIES[name].batch_size) for name in names)
    for mark in MARKS:
        if 100 * sent >= mark * whole and (mark not in phase.memory or mark == 100):
            phase.memory[mark] = max(map(resident_mb, pids))


def control(port: int, question: str = "") -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_bench{question}", timeout=60) as answer:
        return dict(json.load(answer))


@contextmanager
def registries() -> Iterator[int]:
    """The registries' own process; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.load.registries", str(port)])
    try:
        for _ in range(200):
            try:
                control(port)
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def running_workers(n: int, speed: float) -> Iterator[list[int]]:
    """So many real workers of one process each; yields the processes once all are up."""
    celery = "-m celery --quiet -A ldn_kb worker --queues registries --pool solo --loglevel WARNING"
    command = [sys.executable, *celery.split(), "--without-gossip", "--without-mingle"]
    environment = {**os.environ, "REGISTRY_SPEED": f"{speed:g}"}
    workers = [subprocess.Popen([*command, "--hostname", f"bench{i}@%h"], env=environment) for i in range(n)]
    try:
        wait_for_workers(n)
        yield [worker.pid for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def wait_for_workers(n: int) -> None:
    from ldn_kb.celery import app

    deadline = time.monotonic() + 60
    while len(app.control.ping(timeout=1)) < n:
        if time.monotonic() > deadline:
            raise SystemExit("the workers do not start")


if __name__ == "__main__":
    raise SystemExit(main())
