"""Bringing OpenSearch up to the records: what it has not acknowledged is kept, a rebuild swaps an alias."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from search.domain.text import fold
from search.models import UnsentEntry
from search.services.engine import WHOLE
from search.services.entries import MAKERS, Entry, fold_weights

logger = logging.getLogger(__name__)

BATCH = 500
# Seconds that OpenSearch may take over a batch.
PATIENCE = 60
# One writer at a time, so that no older state of an entry arrives after a newer one.
LOCK = 5_120_010


def note_unsent(kind: str, ids: Iterable[int]) -> None:
    """Note, in the transaction of a change, that OpenSearch must hear of these entries."""
    if settings.OPENSEARCH_URL:
        UnsentEntry.objects.bulk_create(UnsentEntry(kind=kind, object_id=pk) for pk in ids)


def send_unsent() -> int:
    """Send what is noted, as it is now; return how many notes OpenSearch acknowledged. Safe twice."""
    if not settings.OPENSEARCH_URL:
        return 0
    from opensearchpy import OpenSearchException

    from search.services.opensearch import describe

    sent = 0
    try:
        while n := _send_batch():
            sent += n
    except (OpenSearchException, LookupError, TypeError, ValueError) as error:
        logger.warning("OpenSearch took no entries (%s): they are sent again", describe(error))
    return sent


@transaction.atomic
def _send_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    notes = list(UnsentEntry.objects.order_by("pk")[:BATCH])
    ids: dict[str, set[int]] = defaultdict(set)
    for note in notes:
        ids[note.kind].add(note.object_id)
    lines: list[str] = []
    for kind, some in ids.items():
        entries = list(MAKERS[kind](sorted(some)))
        lines += _stores(entries)
        gone = sorted(some - {entry.object_id for entry in entries})
        lines += [json.dumps({"delete": {"_id": f"{kind}-{pk}"}}) for pk in gone]
    known = _write(lines, None) if lines else set()
    done = [note.pk for note in notes if f"{note.kind}-{note.object_id}" in known]
    UnsentEntry.objects.filter(pk__in=done).delete()
    if len(done) < len(notes):
        logger.warning("OpenSearch refused %d entries: they are sent again", len(notes) - len(done))
    return len(done)


@transaction.atomic
def rebuild_opensearch(*, now: datetime) -> int:
    """Fill a new index and let readers ask it from one moment to the next; return how many entries it has.

    What changes meanwhile is noted, and sent to the new index once this has ended.
    """
    from search.services.opensearch import ALIAS, client
    from search.services.opensearch_query import INDEX

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    indices = client().indices
    old = sorted(indices.get(index=f"{ALIAS}-*", request_timeout=PATIENCE))
    new = f"{ALIAS}-{now:%Y%m%d%H%M%S%f}"
    indices.create(index=new, body=INDEX, request_timeout=PATIENCE)
    n = 0
    for make in MAKERS.values():
        entries = iter(make(None))
        while batch := list(islice(entries, BATCH)):
            if len(_write(_stores(batch), new)) < len(batch):
                raise ValueError("OpenSearch refused entries: the index that readers ask is as it was")
            n += len(batch)
    indices.refresh(index=new, request_timeout=PATIENCE)
    swap = [{"add": {"index": new, "alias": ALIAS}}, *({"remove_index": {"index": each}} for each in old)]
    indices.update_aliases(body={"actions": swap}, request_timeout=PATIENCE)
    return n


def _write(lines: list[str], index: str | None) -> set[str]:
    """Send lines of `_bulk`; return the documents of which it says that they are written, or gone."""
    from search.services.opensearch import ALIAS, client

    # Without require_alias a missing alias would become an index of that name, with a guessed mapping.
    alias = {} if index else {"require_alias": "true"}
    answer = client().bulk(
        body="\n".join(lines) + "\n", index=index or ALIAS, params=alias, request_timeout=PATIENCE
    )
    rows = [(action, row) for item in answer["items"] for action, row in item.items()]
    return {
        row["_id"]
        for action, row in rows
        if row["status"] < 300 or (action, row["status"]) == ("delete", 404)
    }


def _stores(entries: Sequence[Entry]) -> list[str]:
    return [
        json.dumps(line)
        for entry, weights in zip(entries, fold_weights(entries), strict=True)
        for line in (
            {"index": {"_id": f"{entry.kind.value}-{entry.object_id}"}},
            _document(entry) | dict(zip("abcd", weights, strict=True)),
        )
    ]


def _document(entry: Entry) -> dict[str, Any]:
    plain = ["path", "title", "byline", "name", "prior", "conditions", "design", "dose_bands", "certainties"]
    plain += ["directions", "status", "year", "has_numbers", "open_access"]
    # What is short is shown whole, so that no finding loses its "not".
    text = "text" if len(entry.text) <= WHOLE else "long_text"
    return {
        **{name: getattr(entry, name) for name in plain},
        "kind": entry.kind.value,
        "tier": int(entry.tier),
        "names": entry.keys,
        "authors": sorted({word for name in entry.authors for word in fold(name).split()}),
        text: entry.text,
    }
