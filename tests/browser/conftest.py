"""A real browser for what a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser

from tests.browser.chromium import find_browser, open_browser

# Playwright keeps an event loop running, in which Django would refuse to ask its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def browser(django_db_setup) -> Iterator[Browser]:
    """The machine's Chromium. Without one the tests are skipped; in CI that is a failure."""
    path = find_browser()
    if path is None:
        message = "No browser was found: install chromium, or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with open_browser(path) as opened:
        yield opened
        # While Playwright's event loop runs, Django keeps other connections than without it: only here can
        # they be reached, and one left open would bar the test database's removal.
        connections.close_all()
