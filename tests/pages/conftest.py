"""The corpus in the database for real, so that other processes see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pages.server import Server, running_server


@pytest.fixture
def _django_db_helper(django_db_setup, django_db_blocker) -> Iterator[None]:
    """In place of pytest-django's: what a test writes is committed, and stays until the corpus goes."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def site(corpus, django_db_blocker) -> Iterator[Server]:
    """Two server processes over the corpus."""
    with django_db_blocker.unblock(), running_server(workers=2) as server:
        yield server
