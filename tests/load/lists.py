"""What the API's list of studies costs, beside nginx serving the same bytes as a file, in one run.

python -m tests.load.lists in a database of its own (DATABASE_URL), of which it makes copies; part of
`make bench`. The bars are those it was built for: a list of 50 at 0.03 of nginx, with filters and fields too;
p95 of a page by cursor less than a fifth above that of 200 studies, up to the last of BENCH_LIST_SIZES; a 304
that reads no table of studies; the whole table read by cursor without the web processes growing.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

import django
import psycopg

from tests.load import wrk
from tests.load.memory import resident_mb
from tests.load.reading import serving_files
from tests.load.seed import seed, seed_documents
from tests.pages.proxy import nginx_program
from tests.pages.server import Server, database_url, running_server

SIZES = [int(n) for n in os.environ.get("BENCH_LIST_SIZES", "200 10000 100000").split()]
SECONDS = int(os.environ.get("BENCH_SECONDS", "2"))
CONNECTIONS = (1, 16, 64)
LIST = "/api/v1/studies/"
QUERIES = [
    "",
    "?cursor=*",
    "?fields=key,title,year,doi",
    "?condition=fibromyalgia",
    "?design=rct_parallel&year_min=2010",
    "?dose_band=3-to-4.5&fields=key,title",
    "?q=pain",
]
BAR, FLAT, GROWTH_MB = 0.03, 0.2, 15
N_CURSORS, ROUNDS = 200, 10
SCANS = "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname LIKE 'studies%'"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    from tests.load.seed import make_tables

    make_tables()
    call_command("load_evidence", verbosity=0)
    time_lists()
    return 0


def time_lists() -> None:
    """Print the figures and whether each meets its bar."""
    if not (wrk.is_installed() and nginx_program()):
        print("\nlists: wrk and nginx are needed to measure them (Debian: wrk, nginx-light)")
        return
    say_how_flat()
    print(f"\na list of 50 of {SIZES[-1]} studies, {SECONDS} s, median of 3 (bar: {BAR} of nginx)")
    print(f"{'':40}{'bytes':>7}{'conn.':>6} {'nginx/s':>8} {'documents':>12} {'memory':>15}")
    # Two processes, as the image starts them; nginx has as many as there are cores.
    with running_server(PAGES_MEMORY_MB="0") as cold, running_server() as warm:
        answers = {query: cold.ask(LIST + query).body for query in QUERIES}
        _compare(answers, cold, warm)
        _say_not_modified(warm)
        _say_whole_table(warm)


def say_how_flat() -> None:
    """Print p50 and p95 of a page by cursor at each size; the pages begin at chance places.

    Each size is a database with a server of its own, and they are asked in turns. Of the rounds' figures the
    least counts, as what else the machine does only ever adds to them.
    """
    from studies.models import Study

    print(f"\n{LIST}?cursor=cN, 50 studies from the stored documents, {ROUNDS} rounds in turns, ms")
    with ExitStack() as stack:
        asked: dict[int, tuple[Server, int]] = {}
        for size in SIZES:
            seed(size)
            seed_documents()
            last = Study.objects.order_by("pk").values_list("pk", flat=True).last() or 0
            url = stack.enter_context(_copied_database(f"bench_lists_{size}"))
            web = stack.enter_context(running_server(workers=1, PAGES_MEMORY_MB="0", DATABASE_URL=url))
            asked[size] = (web, last)
        rounds = [[_time_cursors(*asked[size]) for size in SIZES] for _ in range(ROUNDS)][1:]
    found = []
    for size, times in zip(SIZES, zip(*rounds, strict=True), strict=True):
        found.append(min(p95 for _, p95 in times))
        print(f"{size:>9} studies: p50 {min(p50 for p50, _ in times):5.2f}  p95 {found[-1]:5.2f}")
    growth = max(found) / found[0] - 1
    print(f"p95 grows by {growth:.0%} (bar: {FLAT:.0%}) {_word(growth < FLAT)}", flush=True)


@contextmanager
def _copied_database(name: str) -> Iterator[str]:
    """A copy of our database, by its address."""
    from django.db import connection

    ours = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{ours}"')
        try:
            yield database_url(name)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _time_cursors(web: Server, last: int) -> tuple[float, float]:
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    taken = []
    for _ in range(N_CURSORS):
        path = f"{LIST}?cursor=c{random.randint(1, max(last - 60, 1))}"
        began = time.perf_counter()
        line.request("GET", path)
        line.getresponse().read()
        taken.append((time.perf_counter() - began) * 1000)
    line.close()
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


def _compare(answers: dict[str, bytes], cold: Server, warm: Server) -> None:
    with tempfile.TemporaryDirectory(prefix="ldn-kb-bench-") as home:
        files = {f"/{n}/": body for n, body in enumerate(answers.values())}
        with serving_files(Path(home), files) as port:
            for (query, body), file in zip(answers.items(), files, strict=True):
                for n in CONNECTIONS:
                    ways = [f"{port}{file}", *(f"{web.port}{LIST}{query}" for web in (cold, warm))]
                    figures = [wrk.measure(f"http://127.0.0.1:{way}", n, seconds=SECONDS) for way in ways]
                    top, stored, kept = (figure.rate for figure in figures)
                    rates = f"{top:>8.0f} {stored:>6.0f} {stored / top:.3f} {kept:>9.0f} {kept / top:.3f}"
                    word = _word(min(stored, kept) / top >= BAR)
                    print(f"{query or LIST:40}{len(body):>7}{n:>6} {rates} {word}", flush=True)


def _say_not_modified(web: Server) -> None:
    tag = web.ask(LIST).headers["etag"]
    time.sleep(2)  # PostgreSQL's counts come with a delay
    before = _scans()
    figure = wrk.measure(f"http://127.0.0.1:{web.port}{LIST}", 16, seconds=SECONDS, If_None_Match=tag)
    time.sleep(2)
    n = _scans() - before
    print(f"\n304 at 16 connections: {figure.rate:.0f}/s; tables of studies read {n} times {_word(n == 0)}")


def _scans() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SCANS)
        return int(cursor.fetchone()[0])


def _say_whole_table(web: Server) -> None:
    from studies.models import Study

    n_all, n, at, held = Study.objects.published().count(), 0, "*", []
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    began = time.monotonic()
    while at:
        line.request("GET", f"{LIST}?cursor={at}&page_size=100")
        page = json.loads(line.getresponse().read())
        n += len(page["results"])
        at = page["next"] and page["next"].partition("cursor=")[2].partition("&")[0]
        if not held and n >= n_all / 4:
            held.append(resident_mb(web.pid))
    took, grown = time.monotonic() - began, resident_mb(web.pid) - held[0]
    line.close()
    print(
        f"the whole table by cursor: {n} studies in {took:.1f} s, {held[0]:.0f} MB after a quarter, "
        f"{grown:+.1f} MB at the end (bar: {GROWTH_MB}) {_word(n == n_all and grown < GROWTH_MB)}"
    )


def _word(is_met: bool) -> str:
    return "pass" if is_met else "FAIL"


if __name__ == "__main__":
    raise SystemExit(main())
