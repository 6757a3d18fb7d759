"""All that is computed from the records, computed anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from conditions.services.articles import refresh_articles
from conditions.services.certainty import recompute_certainties
from conditions.services.changes import record_change, take_snapshot
from conditions.services.pools import compute_pools, store_pools
from conditions.services.verdicts import recompute_verdicts


@transaction.atomic
def refresh_answers(*, now: datetime) -> None:
    """Compute pools, certainties, verdicts and articles anew from the records as they are.

    In this order, because each leans on those before it; what is unchanged stays untouched. What differs
    afterwards is kept, before and after (AnswerChange).

    Args:
        now: the time to write down; its day decides which trials are overdue.
    """
    before = take_snapshot()
    refresh_numbers(now=now)
    refresh_articles(now=now)
    record_change(before=before, now=now)


@transaction.atomic
def refresh_numbers(*, now: datetime) -> None:
    """Compute pools, certainties and verdicts anew; the articles that quote them stay as they are."""
    pools = compute_pools()
    store_pools(pools, now=now)
    recompute_certainties(pools=pools, now=now)
    recompute_verdicts(now=now)
