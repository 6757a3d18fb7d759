"""The timetable goes on whatever the machine's clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from ldn_kb.beat import Scheduler
from ldn_kb.celery import app

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Listener(Scheduler):
    """Notes what would be sent."""

    producer = None

    def apply_entry(self, entry, **_options):
        self.sent = [*getattr(self, "sent", []), entry.name]

    def tick_all(self) -> list[str]:
        """What is sent at this moment."""
        self.sent = []
        while self.tick() <= 0:
            pass
        return self.sent


@pytest.fixture
def timetable(tmp_path) -> Listener:
    with time_machine.travel(NOON, tick=False):
        scheduler = Listener(app=app, schedule_filename=str(tmp_path / "timetable"))
        scheduler.tick_all()
    yield scheduler
    scheduler.close()


def hourly() -> set[str]:
    return {name for name, entry in app.conf.beat_schedule.items() if entry["schedule"] <= 60 * 60}


def test_a_clock_set_back_by_a_day_stops_the_timetable_for_no_longer_than_usual(timetable):
    yesterday = NOON - timedelta(days=1)
    with time_machine.travel(yesterday, tick=False):
        assert timetable.tick_all() == []
    with time_machine.travel(yesterday + timedelta(minutes=61), tick=False):
        assert set(timetable.tick_all()) == hourly()


def test_a_clock_set_forward_by_a_day_sends_everything_once(timetable):
    with time_machine.travel(NOON + timedelta(days=1, minutes=1), tick=False):
        sent = timetable.tick_all()
        assert set(app.conf.beat_schedule) <= set(sent)
        assert len(sent) == len(set(sent))
        assert timetable.tick_all() == []
