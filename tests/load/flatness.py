"""Whether a page costs the same however many studies there are.

python -m tests.load.flatness in a database of its own (DATABASE_URL); part of `make bench`. The bar: from
200 to a million studies the median of a condition's page, a study's page and the first page of the list
changes by less than a fifth.
"""

from __future__ import annotations

import os
import time

import django

from tests.load import wrk
from tests.load.seed import seed
from tests.pages.server import running_server

SIZES = [int(n) for n in os.environ.get("BENCH_SIZES", "200 10000 1000000").split()]
PAGES = ["/conditions/fibromyalgia/", "/studies/bruun2024/", "/studies/"]
SECONDS = 3


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
    print(f"\nread from its row, p50 ms (in brackets: made anew), at {', '.join(map(str, sizes))} studies")
    medians: dict[str, list[float]] = {page: [] for page in PAGES}
    anew: dict[str, list[float]] = {page: [] for page in PAGES}
    for size in sizes:
        seed(size)
        with running_server(workers=1, PAGES_MEMORY_MB="0") as web:
            for page in PAGES:
                began = time.monotonic()
                web.ask(page)
                anew[page].append((time.monotonic() - began) * 1000)
                url = f"http://127.0.0.1:{web.port}{page}"
                medians[page].append(wrk.measure(url, 1, seconds=SECONDS, Accept_Encoding="gzip").p50_ms)
    for page, times in medians.items():
        change = max(times) / min(times) - 1
        row = "  ".join(f"{ms:6.2f} ({first:5.0f})" for ms, first in zip(times, anew[page], strict=True))
        print(f"{page:28} {row}  change {change:4.0%}{' missed' if change >= 0.2 else ''}")


if __name__ == "__main__":
    raise SystemExit(main())
