"""How long a worker waits for a registry, and the clock that it waits by."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """How long and how often to try. Seconds and bytes.

    `total` is for one request with its whole answer; `patience` for all sleeping in one call of a client.
    """

    connect: float = 10
    read: float = 30
    total: float = 90
    attempts: int = 4
    patience: float = 60
    max_bytes: int = 20_000_000


@dataclass(frozen=True)
class Clock:
    """Time and chance, so that a test can hold them.

    `bucket_now` is the clock of the buckets; None means Redis' own, which all machines share.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    bucket_now: Callable[[], float] | None = None

    def later(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC) + timedelta(seconds=seconds)


class TooLongError(Exception):
    """More seconds of sleep are needed than the worker has patience left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Patience:
    """The seconds that a worker may still sleep in one call of a client."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._left = seconds

    def sleep(self, seconds: float) -> None:
        if seconds > self._left:
            raise TooLongError(seconds)
        self._left -= seconds
        self._clock.sleep(seconds)
