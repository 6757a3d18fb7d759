"""`make bench`: what pages cost, as ratios to a constant answer of the same server in the same run.

Seeds synthetic studies beside the corpus in a throw-away database, starts the real web server, and asks each
page over a real socket. Nothing here is a test: figures depend on the machine, ratios much less.
"""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from statistics import quantiles

import django

from tests.load.answers import say_what_reading_loads, time_all_pools, time_pool

N_STUDIES = int(os.environ.get("BENCH_STUDIES", "10000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
THREADS = 4
PAGES = [
    "/conditions/fibromyalgia/",
    "/studies/",
    "/studies/bruun2024/",
    "/search/?q=pain",
    "/api/v1/studies/",
]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    call_command("load_evidence")
    print(f"loading the corpus: {time.monotonic() - began:.1f} s")
    time_pool()
    time_all_pools()
    say_what_reading_loads()
    time_article()
    seed(N_STUDIES)
    queries = {path: count_queries(path) for path in PAGES}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = start_server(port)
    try:
        constant = measure(port, "/healthz")
        print(f"\n{N_STUDIES} synthetic studies, {THREADS} connections, {SECONDS:g} s each")
        print(
            f"{'page':28} {'req/s':>7} {'ratio':>7} {'p50 ms':>7} {'p95 ms':>7} {'queries':>8} {'gzip B':>8}"
        )
        report("/healthz (constant)", constant, constant, 0, 0)
        for path in PAGES:
            size = len(gzip.compress(fetch(port, path)))
            report(path, measure(port, path), constant, queries[path], size)
        print(f"\nresident memory of the web process: {resident_mb(server.pid):.0f} MB")
    finally:
        server.terminate()
        server.wait()
    return 0


def seed(n: int) -> None:
    """Synthetic studies with arms, doses and outcomes, in bulk; their text is made of the corpus' words."""
    from conditions.models import Condition
    from studies.models import Arm, Dose, Outcome, Provenance, Source, Study, StudyCondition

    pool = [word for title in Study.objects.values_list("title", flat=True) for word in title.split()]
    conditions = list(Condition.objects.exclude(slug="fibromyalgia"))
    studies = [
        Study(
            key=f"synthetic{1000 + i % 9000}{chr(97 + i // 9000)}",
            title=" ".join(pool[(i * 7 + k) % len(pool)] for k in range(12)),
            authors=["Tester A"],
            year=1990 + i % 36,
            design=["rct_parallel", "cohort", "case_report"][i % 3],
            blinding="none",
            conclusion=" ".join(pool[(i * 13 + k) % len(pool)] for k in range(30)),
        )
        for i in range(n)
    ]
    Study.objects.bulk_create(studies, batch_size=2000)
    Source.objects.bulk_create([Source(study=s, used_for="abstract", kind="primary") for s in studies], 2000)
    StudyCondition.objects.bulk_create(
        [StudyCondition(study=s, condition=conditions[i % len(conditions)]) for i, s in enumerate(studies)],
        2000,
    )
    arms = Arm.objects.bulk_create(
        [Arm(study=s, name="LDN", role="intervention", n=20) for s in studies], 2000
    )
    Dose.objects.bulk_create([Dose(arm=arm, amount_mg="4.5") for arm in arms], 2000)
    outcomes = Outcome.objects.bulk_create(
        [Outcome(study=s, name="Pain", domain="pain") for s in studies], 2000
    )
    Provenance.objects.bulk_create([Provenance(study_id=o.study_id, outcome=o) for o in outcomes], 2000)
    Study.objects.filter(pk__in=[s.pk for s in studies]).update(status="published")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def time_article(n: int = 60) -> None:
    """How long one article with n citations and as many figures takes: saved, and asked again unchanged."""
    from django.utils import timezone

    from conditions.models import Article
    from conditions.services.articles import refresh_articles, save_article
    from studies.models import Study

    keys = Study.objects.exclude(n_enrolled=None).order_by("key").values_list("key", flat=True)[:n]
    marks = [f"Here []{{.figure kind=study-people study={key}}} took part [@{key}]." for key in keys]
    body = "## For patients\n\nSee [safety](/safety/).\n\n## For clinicians\n\n" + "\n\n".join(marks) + "\n"
    article = Article(slug="bench", title="Bench", summary="A measure.", body=body)
    began = time.monotonic()
    findings = save_article(article=article, publish=True, now=timezone.now())
    saved = time.monotonic()
    refresh_articles(now=timezone.now())
    print(
        f"an article with {len(keys)} citations: {(saved - began) * 1000:.0f} ms to check, render and save "
        f"({len(findings)} findings), {(time.monotonic() - saved) * 1000:.0f} ms to find unchanged"
    )
    article.delete()


def count_queries(path: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    with override_settings(ALLOWED_HOSTS=["*"]), CaptureQueriesContext(connection) as queries:
        Client().get(path)
    return len(queries)


def start_server(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", "4", "ldn_kb.wsgi:application"]
    log = Path(os.environ.get("DATA_DIR", ".")) / "bench.log"
    server = subprocess.Popen(command, stdout=log.open("wb"), stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            fetch(port, "/healthz")
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not start")


def fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return bytes(answer.read())


def measure(port: int, path: str) -> list[float]:
    """Seconds of each answer, all connections together, within the time given to a page."""
    fetch(port, path)
    taken: list[float] = []
    deadline = time.monotonic() + SECONDS

    def ask() -> None:
        while time.monotonic() < deadline:
            began = time.monotonic()
            fetch(port, path)
            taken.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def report(path: str, taken: list[float], constant: list[float], queries: int, size: int) -> None:
    cuts = quantiles(taken, n=20)
    rate, base = len(taken) / SECONDS, len(constant) / SECONDS
    times = f"{cuts[9] * 1000:7.1f} {cuts[18] * 1000:7.1f}"
    print(f"{path:28} {rate:7.0f} {rate / base:7.3f} {times} {queries:8} {size:8}")


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its children, in MB."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


if __name__ == "__main__":
    raise SystemExit(main())
