"""Published pages in front, Django behind, for any WSGI server; the site's own takes ldn_kb.asgi."""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")

django: Callable[..., Any] = get_wsgi_application()

from pages.front import FrontDoor  # noqa: E402 - it needs Django set up

# Templates that are being worked on are never kept.
door = (
    None
    if settings.DEBUG
    else FrontDoor(
        django, memory_bytes=settings.PAGES_MEMORY_MB * 1_000_000, is_behind_proxy=settings.BEHIND_PROXY
    )
)
application: Callable[..., Any] = door or django
