"""What several tests lean on: the loaded corpus, and rows made by hand (tests/make.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from conditions.services.corpus import load_corpus, read_directory
from search.models import SynonymGroup


@pytest.fixture(scope="module")
def corpus(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The whole corpus in the database, for all tests of a file."""
    with django_db_blocker.unblock():
        load_corpus(files=read_directory(settings.EVIDENCE_DIR))
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        tables = [
            model._meta.db_table
            for room in ("studies", "conditions", "pages", "readers", "search")
            for model in apps.get_app_config(room).get_models()
            if model is not SynonymGroup  # those come with the migrations
        ]
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
