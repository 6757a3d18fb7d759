"""What stood on a page that people print: each state of it is kept, to be looked up by its day."""

from __future__ import annotations

import re
from datetime import date, datetime
from hashlib import sha256

import brotli
from django.db import transaction
from django.urls import resolve

from pages.models import PageCopy
from pages.services.static_files import with_plain_names

# The pages that are printed and carry a code by which somebody may come back to what was printed.
KEPT = {"sheet"}
# The day itself, and the code that leads to it, are others every day.
DAY = re.compile(rb'<time class="day".*?</time>', re.DOTALL)
CODE = re.compile(rb'<div class="qr".*?</div>', re.DOTALL)


def is_kept(path: str) -> bool:
    """Whether the states of the page are kept."""
    return resolve(path).view_name in KEPT


@transaction.atomic
def keep_copy(*, path: str, body: bytes, now: datetime) -> bool:
    """Keep the page as it stands, unless nothing but the day has changed since the last copy; True if kept.

    Args:
        path: of a page that is_kept names.
        body: its HTML.
        now: the time; its UTC day stands on the page.
    """
    fingerprint = content_sha256(body)
    last = PageCopy.objects.filter(path=path).first()
    if last is not None and last.fingerprint == fingerprint:
        return False
    PageCopy.objects.create(path=path, at=now, fingerprint=fingerprint, body=brotli.compress(body))
    return True


def find_copy(*, path: str, day: date) -> PageCopy | None:
    """Return what stood on the page at the end of a UTC day, or None where that is not known."""
    return PageCopy.objects.filter(path=path, at__date__lte=day).first()


def has_changed_since(copy: PageCopy) -> bool:
    """Whether the page says something else by now."""
    return PageCopy.objects.filter(path=copy.path, at__gt=copy.at).exists()


def content_sha256(body: bytes) -> str:
    """Return a fingerprint of what a page says, whatever the day and whatever its styles look like by now."""
    return sha256(with_plain_names(DAY.sub(b"", CODE.sub(b"", body)))).hexdigest()
