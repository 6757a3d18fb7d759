"""The thread that closes a line whose answer does not come to an end."""

import threading
import time

import pytest

from studies.sources.cut_off import CutOff

pytestmark = pytest.mark.data_layer
SECONDS = 2.0


def watching() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "_keep_watch" in thread.name}


def test_each_request_has_its_whole_time_and_is_cut_off_after_it():
    is_closed = threading.Event()
    cut_off = CutOff(SECONDS, is_closed.set)
    with cut_off.watch():
        pass
    time.sleep(0.75 * SECONDS)
    with cut_off.watch() as is_late:
        time.sleep(0.4 * SECONDS)  # past the end of the first
        assert not is_late.is_set()
    assert not is_closed.is_set()
    for _ in range(2):
        is_closed.clear()
        with cut_off.watch() as is_late:
            assert is_late.wait(10 * SECONDS)
            assert is_closed.wait(SECONDS)
    cut_off.end()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_line_that_cannot_be_closed_leaves_no_later_request_unwatched():
    def close() -> None:
        raise OSError("the line is broken")

    cut_off = CutOff(0.1, close)
    for _ in range(2):
        with cut_off.watch() as is_late:
            assert is_late.wait(10)
    cut_off.end()


def test_one_thread_watches_all_requests_and_ends_when_told():
    others = watching()
    cut_off = CutOff(3600, lambda: None)
    for _ in range(3):
        with cut_off.watch():
            [thread] = watching() - others
    cut_off.end()
    thread.join(10)
    assert not thread.is_alive()
    with cut_off.watch():
        assert len(watching() - others) == 1
    cut_off.end()
