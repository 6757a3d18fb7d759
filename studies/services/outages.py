"""Since when a registry could not be asked about anything at all."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Max, Min, Q

from studies.models import RefreshRun, Registry

# A run that got at least one answer; one that only read that nothing has changed counts its questions alone.
ANSWERED = Q(found__gt=0) | Q(unknown__gt=0) | Q(conflicts__gt=0) | Q(error="", asked__gt=0)


def nothing_checked_since() -> dict[str, datetime]:
    """Return, by registry, the start of the first failed run after its last run with an answer; two queries.

    A registry whose last run had an answer, or that was never asked, is left out.
    """
    runs = RefreshRun.objects.order_by().values("registry")
    last = {row["registry"]: row["at"] for row in runs.filter(ANSWERED).annotate(at=Max("started_at"))}
    later = [
        Q(registry=name, started_at__gt=last[name]) if name in last else Q(registry=name)
        for name in Registry.values
    ]
    failed = runs.filter(reduce(or_, later)).exclude(error="").annotate(at=Min("started_at"))
    return {row["registry"]: row["at"] for row in failed}
