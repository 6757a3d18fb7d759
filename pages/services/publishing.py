"""Rendering pages through Django's own handler and keeping what it answers as finished bytes."""

from __future__ import annotations

import gzip
import logging
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO

import brotli
from celery import current_app
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from pages.models import Page, PublishRun
from pages.services.addresses import find_addresses, own_address
from pages.services.copies import content_sha256, is_kept, keep_copy
from pages.services.documents import find_stale_documents, publish_documents
from pages.services.edition import read_edition

logger = logging.getLogger(__name__)

ADVISORY_LOCK = 7_400_100
CHUNK = 100
KEEP_RUNS = timedelta(days=30)
# The front door says these itself, each time.
OWN_HEADERS = {"content-length", "etag", "cache-control", "vary", "expires", "date", "last-modified"}
# 5 gives nearly the size of 11 in a fortieth of the time; see docs/decisions/0007-published-pages.md.
BROTLI_QUALITY = 5
GZIP_LEVEL = 9


class NotPublishedError(Exception):
    """The answer is not one that everybody may be given: its status or a header says so."""


class RenderingError(Exception):
    """The page could not be rendered; the site's log says why."""


def read_version() -> int:
    """Return the version of the records: it grows with every committed transaction that changed them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pages_version()")
        return int(cursor.fetchone()[0])


def publish(*, path: str, now: datetime) -> Page:
    """Render the page of a path, keep it and return it.

    The version is read before the first query of the page: if somebody writes meanwhile, what is kept is
    stale from the start and never found.

    Args:
        path: of a published kind, without a query.
        now: the time to write down; its UTC day is the page's.

    Raises:
        NotPublishedError: the answer is a redirect, an error, or meant for one reader.
        RenderingError: the page fails.
    """
    version = read_version()
    response = render(path)
    if response.status_code >= 500:
        raise RenderingError(f"{path} answers {response.status_code}")
    _refuse_private(path, response)
    body = bytes(response.content)
    etag = sha256(body).hexdigest()[:32]
    content = content_sha256(body)
    same = Page.objects.filter(path=path, content_sha256=content).values_list("changed_at", flat=True).first()
    page = Page(
        path=path,
        version=version,
        edition=read_edition(),
        published_on=now.astimezone(UTC).date(),
        published_at=now,
        content_type=response.headers.get("Content-Type", ""),
        changed_at=same or now,
        content_sha256=content,
        etag=etag,
        headers=[[name, value] for name, value in response.items() if name.lower() not in OWN_HEADERS],
        identity=body,
        gzip=gzip.compress(body, GZIP_LEVEL, mtime=0),
        brotli=brotli.compress(body, quality=BROTLI_QUALITY),
    )
    fields = [field.name for field in Page._meta.concrete_fields if field.name not in ("id", "path")]
    with transaction.atomic():
        Page.objects.bulk_create([page], update_conflicts=True, unique_fields=["path"], update_fields=fields)
        if is_kept(path):
            keep_copy(path=path, body=body, now=now)
    return page


def render(path: str) -> HttpResponse:
    """Return what Django answers to a reader without cookies who asks under the site's own address."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "wsgi.input": BytesIO(),
        **own_address(),
    }
    return _handler().get_response(WSGIRequest(environ))  # type: ignore[return-value]


@cache
def _handler() -> WSGIHandler:
    return WSGIHandler()


def _refuse_private(path: str, response: HttpResponse) -> None:
    """Raise NotPublishedError unless everybody may be given the same answer until the records change."""
    policy = {part.partition("=")[0].strip() for part in response.get("Cache-Control", "").lower().split(",")}
    vary = {part.strip() for part in response.get("Vary", "").lower().split(",")} - {"", "accept-encoding"}
    reasons = {
        f"status {response.status_code}": response.status_code != 200,
        "streamed": response.streaming,
        "sets a cookie": bool(response.cookies),
        f"varies with {', '.join(sorted(vary))}": bool(vary),
        "not to be kept": bool(policy & {"private", "no-store", "no-cache"}),
        "carries a nonce": "nonce-" in response.get("Content-Security-Policy", ""),
    }
    if any(reasons.values()):
        raise NotPublishedError(f"{path}: {'; '.join(reason for reason, holds in reasons.items() if holds)}")


def publish_stale(*, now: datetime) -> PublishRun | None:
    """Publish every page that is not fresh; None when all are, or while another run is under way.

    Starts over whenever somebody writes meanwhile, so that what most readers come for is fresh first.

    Args:
        now: the time to write down.
    """
    with _OnlyOne() as is_free:
        if not is_free:
            return None
        _fold_writes()
        PublishRun.objects.filter(started_at__lt=now - KEEP_RUNS).delete()
        run = PublishRun(started_at=now, version=read_version())
        try:
            while _publish_round(run) and run.n_failed == 0:
                run.version = read_version()
        finally:
            if run.pk:
                run.finished_at = max(timezone.now(), now)
                run.save()
    return run if run.pk else None


def _publish_round(run: PublishRun) -> bool:
    """Go once over all documents and addresses; True when it was broken off because somebody wrote."""
    for study_ids in find_stale_documents():
        run.n_stale += len(study_ids)
        run.n_published += publish_documents(study_ids=study_ids, is_waiting=False)
        run.save()
    waiting: list[str] = []
    for path in find_addresses():
        waiting.append(path)
        if len(waiting) == CHUNK:
            _publish_chunk(run, waiting)
            waiting = []
            if read_version() != run.version:
                return True
    _publish_chunk(run, waiting)
    if read_version() != run.version:
        return True
    # What no round has renewed is no page any more: a study that was taken back, an entry that is gone.
    Page.objects.exclude(version=run.version, edition=read_edition()).delete()
    return False


def _publish_chunk(run: PublishRun, paths: list[str]) -> None:
    fresh = set(find_fresh(paths=paths))
    stale = [path for path in paths if path not in fresh]
    run.n_stale += len(stale)
    for path in stale:
        _publish_one(run, path)
    if stale:
        run.save()


def _publish_one(run: PublishRun, path: str) -> None:
    try:
        publish(path=path, now=timezone.now())
        run.n_published += 1
    except NotPublishedError as error:
        run.error = str(error)
        logger.warning("not published: %s", error)
    except Exception as error:  # one page that fails must not keep the others from their readers
        run.n_failed += 1
        run.error = f"{path}: {type(error).__name__}"
        logger.exception("publishing %s failed", path)


def find_fresh(*, paths: list[str]) -> list[str]:
    """Return those of the paths whose pages are fresh now."""
    today = timezone.now().astimezone(UTC).date()
    fresh = Page.objects.filter(
        path__in=paths, version=read_version(), edition=read_edition(), published_on=today
    )
    return list(fresh.values_list("path", flat=True))


def _fold_writes() -> None:
    """Add up the counts of database sessions that are gone; the sum, which is the version, stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM pages_write
                WHERE backend <> 0 AND backend NOT IN (SELECT pid FROM pg_stat_activity)
                RETURNING n_transactions
            )
            INSERT INTO pages_write (backend, n_transactions)
            SELECT 0, sum(n_transactions) FROM gone HAVING count(*) > 0
            ON CONFLICT (backend)
            DO UPDATE SET n_transactions = pages_write.n_transactions + EXCLUDED.n_transactions
            """
        )


class _OnlyOne:
    """A lock in the database, so that two workers do not render the same pages; gone with the connection."""

    def __enter__(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
            self.is_held = bool(cursor.fetchone()[0])
        return self.is_held

    def __exit__(self, *_: object) -> None:
        if self.is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def ask_to_publish(*, now: datetime) -> None:  # noqa: ARG001 - called like all that follows a change
    """Have a worker publish what has become stale, once the transaction is committed.

    A broker that is away costs the editor nothing: the timetable asks again each minute, and until then the
    first reader of a page publishes it.
    """
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    current_app.send_task("pages.tasks.publish_stale_pages", expires=60, retry=False)
