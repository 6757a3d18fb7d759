"""Whether a page costs the same however many studies there are.

python -m tests.load.flatness in a database of its own (DATABASE_URL); part of `make bench`. The bar: from
200 to a million studies the median of a condition's page, a study's page and the first page of the list
changes by less than a fifth.

A machine is quicker in one minute than in another, by more than that: each median is told as a multiple of
what an answer without a database takes in the same seconds.
"""

from __future__ import annotations

import os
import time
from statistics import median

import django

from tests.load import wrk
from tests.load.seed import seed
from tests.pages.server import running_server

SIZES = [int(n) for n in os.environ.get("BENCH_SIZES", "200 10000 1000000").split()]
PAGES = ["/conditions/fibromyalgia/", "/studies/bruun2024/", "/studies/"]
# Says that the process lives, and asks nobody.
YARDSTICK = "/healthz"
SECONDS, ROUNDS = 2, 5


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    from tests.load.seed import make_tables

    make_tables()
    call_command("load_evidence", verbosity=0)
    say_how_flat()
    return 0


def say_how_flat() -> None:
    """Print the median of each page at each size: read from its row, and made anew after a change."""
    from studies.models import Study

    if not wrk.is_installed():
        return
    n_there = Study.objects.filter(key__startswith="synthetic").count()
    sizes = [size for size in SIZES if size >= n_there]
    print(f"\nread from its row, at {', '.join(map(str, sizes))} studies")
    print("p50 ms / of an answer without a database (ms in which it is made anew)")
    seen: dict[str, list[tuple[float, float, float]]] = {page: [] for page in PAGES}
    for size in sizes:
        seed(size)
        with running_server(workers=1, PAGES_MEMORY_MB="0") as web:
            for page in PAGES:
                began = time.monotonic()
                web.ask(page)
                anew = (time.monotonic() - began) * 1000
                seen[page].append((*_side_by_side(web.port, page), anew))
    for page, figures in seen.items():
        ratios = [ratio for _, ratio, _ in figures]
        change = max(ratios) / min(ratios) - 1
        row = "  ".join(f"{ms:6.2f} / {ratio:4.2f} ({first:5.0f})" for ms, ratio, first in figures)
        print(f"{page:28} {row}  change {change:4.0%}{' missed' if change >= 0.2 else ''}")


def _side_by_side(port: int, page: str) -> tuple[float, float]:
    """The median of a page, and as a multiple of the yardstick's, asked in turns."""
    medians: list[float] = []
    ratios: list[float] = []
    for _ in range(ROUNDS):
        plain, its = (
            wrk.measure(f"http://127.0.0.1:{port}{path}", 1, seconds=SECONDS, runs=1, Accept_Encoding="gzip")
            for path in (YARDSTICK, page)
        )
        medians.append(its.p50_ms)
        ratios.append(its.p50_ms / plain.p50_ms)
    return median(medians), median(ratios)


if __name__ == "__main__":
    raise SystemExit(main())
