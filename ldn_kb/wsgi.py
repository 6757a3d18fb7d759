"""What the web server runs: published pages in front, Django behind."""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")

application: Callable[..., Any] = get_wsgi_application()
if not settings.DEBUG:  # templates that are being worked on are never kept
    from pages.front import FrontDoor

    application = FrontDoor(
        application,
        memory_bytes=settings.PAGES_MEMORY_MB * 1_000_000,
        is_behind_proxy=settings.BEHIND_PROXY,
    )
