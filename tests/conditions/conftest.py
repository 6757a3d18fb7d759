"""The corpus as its files, for the tests that load it."""

from __future__ import annotations

import pytest
from django.conf import settings

from conditions.services.corpus import read_directory


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    return read_directory(settings.EVIDENCE_DIR)
