"""The timetable's clock: what Celery lacks when a machine's clock is set back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

# Clocks are put right by less than this all the time.
SET_BACK = timedelta(minutes=5)


class Scheduler(PersistentScheduler):
    """Celery's own, which goes on when the clock is set back.

    Celery notes when each entry was last sent and waits until so long after that: with the clock set back by
    a day, nothing would be sent for a day. Here the waiting begins anew.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, and return the seconds until the next look."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > now + SET_BACK]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # it holds the old times
        return float(super().tick(*arguments, **options))
