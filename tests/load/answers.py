"""What the computed answers cost: one pool, all pools after a change, and nothing at all on read."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import Any

N_STUDIES = 20
REPEATS = 200
# Computing belongs to the write: a process that only serves pages must not have loaded what it takes.
READS = """
import sys
from ldn_kb.wsgi import application
from django.test import Client
from django.test.utils import override_settings
with override_settings(ALLOWED_HOSTS=["*"]):
    assert Client().get("/conditions/fibromyalgia/").status_code == 200
print("scipy" in sys.modules)
"""


def time_pool() -> None:
    """One pool of 20 studies: REML, the guarded interval of Hartung and Knapp, a prediction interval."""
    from conditions.domain.pooling import pool_effects

    effects = [((i * 7) % 11 - 5) / 10 for i in range(N_STUDIES)]
    variances = [0.02 + ((i * 5) % 13) / 100 for i in range(N_STUDIES)]
    taken = [
        _seconds(pool_effects, effects, variances, method="REML", ci="hartung_knapp_guarded")
        for _ in range(REPEATS)
    ]
    print(f"one pool of {N_STUDIES} studies: {median(taken) * 1000:.2f} ms (median of {REPEATS})")


def time_all_pools() -> None:
    """Every pool of the corpus after one number has changed, and all else that leans on it."""
    from django.db import transaction
    from django.utils import timezone

    from conditions.models import Pool
    from conditions.services.answers import refresh_answers
    from conditions.services.pools import compute_pools, store_pools
    from studies.models import Effect

    with transaction.atomic():
        effect = Effect.objects.get(outcome__study__key="bruun2024", outcome__is_primary=True)
        effect.value += effect.value / 10
        effect.save()
        pools = _seconds(lambda: store_pools(compute_pools(), now=timezone.now()))
        rest = _seconds(refresh_answers, now=timezone.now())
        print(
            f"after one change: all {Pool.objects.count()} pools in {pools:.2f} s; "
            f"certainties, verdicts and articles as well {rest:.2f} s"
        )
        transaction.set_rollback(True)


def say_what_reading_loads() -> None:
    """Whether a process that has served a condition's page has loaded SciPy: it should not have."""
    answer = subprocess.run([sys.executable, "-c", READS], stdout=subprocess.PIPE, text=True, check=True)
    print(f"SciPy loaded by reading a condition's page: {'yes' if 'True' in answer.stdout else 'no'}")


def _seconds(do: Any, *args: Any, **kwargs: Any) -> float:
    began = time.perf_counter()
    do(*args, **kwargs)
    return time.perf_counter() - began
