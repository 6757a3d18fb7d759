"""Keeping the documents of studies: made in the transaction of a change, by the first reader, or by a job.

What makes a document stale is noted by triggers in the transaction that does it (pages/apps.py), so that no
way of writing is forgotten, and a stale document is never found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection, transaction
from django.utils.module_loading import import_string

from pages.services.addresses import own_address
from pages.services.edition import read_edition

# So many studies may be changed for their documents to be made at once; of more, a worker makes them.
AT_ONCE = 20
BATCH = 100

_NOTED_HERE = """
    SELECT DISTINCT study_id FROM pages_documentchange
    WHERE xact = pg_current_xact_id()::text::bigint LIMIT %s
"""
_PLACES = """
    INSERT INTO pages_studydocument (study_id, edition, entry, parts)
    SELECT id, '', '', '' FROM unnest(%s::bigint[]) AS id ORDER BY id ON CONFLICT DO NOTHING
"""
_TAKE = "SELECT study_id FROM pages_studydocument WHERE study_id = ANY(%s) ORDER BY study_id FOR UPDATE"
_STORE = "UPDATE pages_studydocument SET edition = %s, entry = %s, parts = %s WHERE study_id = %s"
_STALE = """
    (SELECT study_id FROM pages_documentchange WHERE study_id > %(after)s ORDER BY 1 LIMIT %(n)s)
    UNION (SELECT study_id FROM pages_studydocument
    WHERE (edition < %(edition)s OR edition > %(edition)s) AND study_id > %(after)s ORDER BY 1 LIMIT %(n)s)
    UNION (SELECT id FROM studies_study s WHERE status = 'published' AND id > %(after)s
    AND NOT EXISTS (SELECT FROM pages_studydocument d WHERE d.study_id = s.id) ORDER BY 1 LIMIT %(n)s)
    ORDER BY 1 LIMIT %(n)s
"""


def publish_changed(*, now: datetime) -> None:  # noqa: ARG001 - called like all that follows a change
    """Make the documents of what this transaction has changed, where an editor can wait for so many.

    Call it in the transaction of the change, at its end.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTED_HERE, [AT_ONCE + 1])
        changed = [row[0] for row in cursor.fetchall()]
    if len(changed) <= AT_ONCE:
        publish_documents(study_ids=changed, is_waiting=True)


@transaction.atomic
def publish_documents(*, study_ids: Sequence[int], is_waiting: bool) -> int:
    """Make the documents of studies anew; return of how many studies. One that is not published has none.

    Each is taken before its study is read: who changed it has committed, and is seen, or will find the
    document taken and note the change behind it.

    Args:
        study_ids: numbers of studies.
        is_waiting: whether to wait for documents that somebody else is making; else those are left out.
    """
    if not study_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [list(study_ids)])
        cursor.execute(_TAKE + ("" if is_waiting else " SKIP LOCKED"), [list(study_ids)])
        taken = [row[0] for row in cursor.fetchall()]
        cursor.execute("DELETE FROM pages_documentchange WHERE study_id = ANY(%s)", [taken])
        written = list(import_string(settings.STUDY_WRITER)(taken, own_request()))
        edition = read_edition()
        cursor.executemany(_STORE, [(edition, entry, parts, pk) for pk, entry, parts in written])
        gone = sorted(set(taken) - {pk for pk, _, _ in written})
        cursor.execute("DELETE FROM pages_studydocument WHERE study_id = ANY(%s)", [gone])
    return len(taken)


def find_stale_documents() -> Iterator[list[int]]:
    """Yield the numbers of studies whose documents are missing or stale, in their order, in batches."""
    after: Any = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_STALE, {"after": after, "edition": read_edition(), "n": BATCH})
            batch = [row[0] for row in cursor.fetchall()]
        if not batch:
            return
        yield batch
        after = batch[-1]


def own_request() -> WSGIRequest:
    """A request under the site's own address, for the addresses in the documents."""
    return WSGIRequest({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": BytesIO(), **own_address()})
