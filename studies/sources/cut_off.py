"""The end of an answer that does not come to an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CutOff:
    """Closes a line when an answer is not whole `seconds` after its request, however steadily it drips.

    One thread watches all requests of a line: to start one for each costs as much as a small request itself.
    No request wakes it. It sleeps until the one that it saw last would be late; any later one ends later.
    A cut-off is its end, and the next request starts another: so nothing that closing a line may raise leaves
    later requests unwatched.
    """

    def __init__(self, seconds: float, close: Callable[[], None]) -> None:
        self._seconds = seconds
        self._close = close
        self._lock = threading.Lock()
        self._under_way: tuple[float, threading.Event] | None = None
        self._has_ended: threading.Event | None = None

    @contextmanager
    def watch(self) -> Iterator[threading.Event]:
        """Watch a request for the length of the block; yields an event that is set when it was cut off."""
        is_late = threading.Event()
        with self._lock:
            self._under_way = time.monotonic() + self._seconds, is_late
            if self._has_ended is None:
                self._has_ended = threading.Event()
                threading.Thread(target=self._keep_watch, args=[self._has_ended], daemon=True).start()
        try:
            yield is_late
        finally:
            with self._lock:
                self._under_way = None

    def end(self) -> None:
        """Let the thread end; the next request starts another."""
        with self._lock:
            if self._has_ended:
                self._has_ended.set()
                self._has_ended = None

    def _keep_watch(self, has_ended: threading.Event) -> None:
        seconds = self._seconds
        while not has_ended.wait(seconds):
            with self._lock:
                end, is_late = self._under_way or (time.monotonic() + self._seconds, None)
                seconds = end - time.monotonic()
                if is_late and seconds <= 0 and self._has_ended is has_ended:
                    self._has_ended = None
            if is_late and seconds <= 0:
                is_late.set()
                self._close()
                return
