"""A real browser for what a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from pages.services.static_files import HashedNames
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


@pytest.fixture(scope="module")
def site(corpus, django_db_blocker) -> Iterator[str]:
    """The address of the site with the whole corpus.

    Not pytest-django's `live_server`: that one empties every table after each test, the groups of the
    migrations too, and other tests of the same worker would miss them.
    """
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        # Its threads would keep their connections open, and the test database could not be removed.
        patch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
        # It serves files by their plain names only, and somebody may have collected those of a running site.
        patch.setattr(HashedNames, "stored_name", lambda _, name: name)
        server = LiveServer("localhost")
        yield server.url
        server.stop()
