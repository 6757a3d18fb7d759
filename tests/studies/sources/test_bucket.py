"""The pace is kept by all workers together, whatever happens to one of them."""

import multiprocessing
import threading
import time

import pytest
from django.conf import settings
from redis import Redis

from studies.sources.bucket import MARGIN, Pace, TokenBucket

pytestmark = pytest.mark.data_layer

PACE = Pace(limit=3, interval=1, at_once=3)


class Now:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def bucket(redis, name, now):
    return TokenBucket(redis, name, PACE, lease_seconds=60, now=now)


def test_the_first_turn_is_granted_and_the_next_waits_for_its_place(bucket):
    assert bucket.take().lease
    refused = bucket.take()
    assert refused.lease is None
    assert 1 / 3 < refused.wait_seconds <= MARGIN / 3


def test_no_second_sees_more_turns_than_allowed(bucket, now):
    granted = []
    for _ in range(1_000):
        turn = bucket.take()
        if turn.lease:
            granted.append(turn.at)
            bucket.give_back(turn.lease)
        now.time += 0.017
    assert len(granted) > 0.95 * 1_000 * 0.017 * 3
    assert all(later - first > 1 for first, later in zip(granted, granted[3:], strict=False))


def test_only_so_many_are_unanswered_at_once(bucket, now):
    leases = []
    for _ in range(3):
        leases.append(bucket.take().lease)
        now.time += 1
    assert all(leases)
    assert bucket.take().lease is None
    bucket.give_back(leases[0])
    assert bucket.take().lease


def test_the_lease_of_a_dead_worker_runs_out(bucket, now):
    for _ in range(3):
        assert bucket.take().lease
        now.time += 1
    assert bucket.take().lease is None
    now.time += 60
    assert bucket.take().lease


def test_a_hold_stops_everybody_until_it_is_over(bucket, redis, name, now):
    bucket.hold(30)
    other_worker = TokenBucket(redis, name, PACE, now=now)
    assert other_worker.take() == (None, 30.0, now.time)
    now.time += 30.1
    assert other_worker.take().lease


def test_a_shorter_hold_does_not_end_a_longer_one(bucket):
    bucket.hold(30)
    bucket.hold(5)
    assert bucket.take().wait_seconds == pytest.approx(30)


def test_a_pace_that_one_worker_learnt_holds_for_all(bucket, redis, name, now):
    bucket.learn(Pace(limit=1, interval=2, at_once=1))
    other_worker = TokenBucket(redis, name, PACE, now=now)
    assert other_worker.take().lease
    now.time += 1.9
    assert other_worker.take().lease is None


def test_a_registry_that_goes_back_to_its_usual_pace_is_believed(bucket, redis, name, now):
    bucket.learn(Pace(limit=50, interval=1, at_once=5))
    other_worker = TokenBucket(redis, name, PACE, now=now)
    other_worker.learn(PACE)
    assert other_worker.take().lease
    now.time += 0.3
    assert other_worker.take().lease is None


def test_a_clock_set_back_by_a_day_does_not_stop_us_for_a_day(bucket, now):
    bucket.give_back(bucket.take().lease)
    now.time -= 86_400
    wait = bucket.take().wait_seconds
    assert 0 < wait < 1
    now.time += wait
    assert bucket.take().lease


def test_a_hold_starts_anew_when_the_clock_is_set_back_and_then_ends(bucket, now):
    bucket.hold(30)
    now.time -= 86_400
    assert bucket.take().wait_seconds == pytest.approx(30)
    now.time += 30.1
    assert bucket.take().lease


def test_dead_workers_hold_their_turns_no_longer_when_the_clock_is_set_back(bucket, now):
    for _ in range(3):
        assert bucket.take().lease
        now.time += 1
    now.time -= 86_400
    assert bucket.take().lease is None
    now.time += 60.1
    now.time += bucket.take().wait_seconds
    assert bucket.take().lease


def test_pools_do_not_wait_for_each_other(bucket, redis, name, now):
    assert bucket.take().lease
    assert TokenBucket(redis, f"{name} other", PACE, now=now).take().lease


def test_who_looks_on_sees_the_level_and_takes_nothing(bucket, now):
    assert bucket.level() == (3, 3, pytest.approx(3 / MARGIN), None, None)
    lease = bucket.take().lease
    bucket.hold(30)
    assert bucket.level() == (2, 3, pytest.approx(3 / MARGIN), now.time + 30, None)
    bucket.give_back(lease)
    now.time += 31
    assert bucket.level() == bucket.level() == (3, 3, pytest.approx(3 / MARGIN), None, None)
    assert bucket.take().lease


def test_the_level_of_a_dead_worker_s_lease_and_of_a_learnt_pace_is_the_one_that_take_goes_by(
    bucket, redis, name, now
):
    bucket.take()
    now.time += 61
    assert bucket.level().tokens == 3
    bucket.learn(Pace(limit=1, interval=2, at_once=1))
    other_worker = TokenBucket(redis, name, PACE, now=now)
    assert other_worker.level()[:3] == (1, 1, pytest.approx(0.5 / MARGIN))


def test_a_budget_is_shown_until_it_is_whole_again(bucket, now):
    bucket.note_budget(17, 3600)
    assert bucket.level().left_today == 17
    bucket.note_budget(0, 3600)
    assert bucket.level().left_today == 0
    now.time += 3601
    assert bucket.level().left_today is None


def collect_turns(bucket: TokenBucket, turns: int) -> list[float]:
    """The times, by Redis' own clock, at which so many turns were granted."""
    granted: list[float] = []
    while len(granted) < turns:
        turn = bucket.take()
        if turn.lease:
            granted.append(turn.at)
            bucket.give_back(turn.lease)
        else:
            time.sleep(turn.wait_seconds)
    return granted


def assert_pace_was_kept(granted: list[float], pace: Pace) -> None:
    granted.sort()
    windows = zip(granted, granted[pace.limit :], strict=False)
    assert all(later - first > pace.interval for first, later in windows)


def test_threads_keep_the_pace_together(redis, name):
    pace = Pace(limit=20, interval=0.5, at_once=4)
    found: list[list[float]] = []
    workers = [
        threading.Thread(target=lambda: found.append(collect_turns(TokenBucket(redis, name, pace), 12)))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 4
    assert_pace_was_kept([at for each in found for at in each], pace)


def work_in_a_process(url: str, name: str, queue: multiprocessing.Queue) -> None:
    pace = Pace(limit=20, interval=0.5, at_once=4)
    queue.put(collect_turns(TokenBucket(Redis.from_url(url), name, pace), 12))


def test_processes_keep_the_pace_together(redis, name):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [
        context.Process(target=work_in_a_process, args=(settings.REDIS_URL, name, queue)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    granted = [at for _ in workers for at in queue.get(timeout=60)]
    for worker in workers:
        worker.join()
    assert len(granted) == 36
    assert_pace_was_kept(granted, Pace(limit=20, interval=0.5, at_once=4))


def test_the_next_turn_keeps_its_distance_from_a_request_that_went_off_late(bucket, now):
    assert bucket.take().lease
    now.time += 0.3
    bucket.note_sending(0.3)
    assert bucket.take().wait_seconds == pytest.approx(MARGIN / 3, abs=0.001)
    now.time += MARGIN / 3 + 0.001
    assert bucket.take().lease


def test_a_request_that_is_hardly_late_costs_no_throughput(bucket, now):
    assert bucket.take().lease
    now.time += PACE.slack / 2
    bucket.note_sending(PACE.slack / 2)
    assert bucket.take().wait_seconds <= MARGIN / 3 - PACE.slack / 2 + 0.001


def test_a_late_request_shortens_nobody_elses_wait(bucket, now):
    assert bucket.take().lease
    now.time += MARGIN / 3
    assert bucket.take().lease
    bucket.note_sending(MARGIN / 3)
    assert bucket.take().wait_seconds > MARGIN / 3 - 0.001
