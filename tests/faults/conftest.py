"""One house for all tests of faults: its tables are made once, and emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.faults import world
from tests.faults.house import House


@pytest.fixture(scope="session")
def standing_house(django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """Services of its own, with all tables."""
    house = House(tmp_path_factory.mktemp("house"))
    try:
        with django_db_blocker.unblock(), house.as_database():
            call_command("migrate", verbosity=0)
        yield house
    finally:
        house.close()


@pytest.fixture
def house(standing_house, django_db_blocker) -> Iterator[House]:
    """The house with its papers, all due, registries that answer, and a worker."""
    with django_db_blocker.unblock(), standing_house.as_database():
        world.empty()
        standing_house.redis.flushall()
        standing_house.reach_registries(world.fill())
        standing_house.need_workers()
        yield standing_house
        standing_house.cut_network()
