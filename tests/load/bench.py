"""`make bench`: what loading, computing, reading, asking and searching cost, as ratios within one run.

Everything happens in a throw-away database, with the real web server over real sockets. Nothing here is a
test: figures depend on the machine, ratios much less. Each part can be run alone (python -m tests.load.NAME).
"""

from __future__ import annotations

import os
import time

import django

from tests.load import wrk
from tests.load.answers import say_what_reading_loads, time_all_pools, time_pool
from tests.load.flatness import say_how_flat
from tests.load.reading import time_reading
from tests.load.search import time_search
from tests.load.seed import seed
from tests.pages.server import running_server

N_STUDIES = int(os.environ.get("BENCH_STUDIES", "10000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
# Pages that depend on what the reader asks for: nothing is published of them.
ASKED = [
    "/search/?q=pain",
    "/studies/?condition=fibromyalgia",
    "/conditions/fibromyalgia/pools/pain-placebo-md/?model=random",
    "/api/v1/studies/",
    "/api/v1/studies/?condition=fibromyalgia",
]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    from tests.load.seed import make_tables

    make_tables()
    began = time.monotonic()
    call_command("load_evidence")
    print(f"loading the corpus: {time.monotonic() - began:.1f} s")
    time_pool()
    time_all_pools()
    say_what_reading_loads()
    time_article()
    time_reading()
    seed(N_STUDIES)
    time_asking()
    say_how_flat()
    time_search()
    return 0


def time_asking() -> None:
    """Print what pages cost that are made for the asking, beside a constant answer of the same server."""
    if not wrk.is_installed():
        return
    print(f"\nmade for the asking, {N_STUDIES} synthetic studies, 4 connections, {SECONDS} s, median of 3")
    print(f"{'page':42} {'req/s':>7} {'ratio':>7} {'p50 ms':>7} {'p99 ms':>7} {'queries':>8}")
    with running_server(workers=1) as web:
        base = 0.0
        for path in ["/healthz", *ASKED]:
            figure = wrk.measure(f"http://127.0.0.1:{web.port}{path}", 4, seconds=SECONDS)
            base = base or figure.rate
            times = f"{figure.p50_ms:7.1f} {figure.p99_ms:7.1f}"
            print(f"{path:42} {figure.rate:7.0f} {figure.rate / base:7.3f} {times} {count_queries(path):8}")


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


if __name__ == "__main__":
    raise SystemExit(main())
