"""What is known of the present second, and that it goes with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from pages.domain import recent
from pages.domain.recent import Recent

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUESTION, TOLD = b"GET / HTTP/1.1\r\n\r\n", (b"head", b"body")


class World:
    seen: object | None = (1, "2026-01-01")

    def look(self) -> object | None:
        return self.seen


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def told(world) -> Recent:
    return Recent(world.look)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def keep(told: Recent, question: bytes = QUESTION) -> None:
    told.get(question)
    told.keep(question, TOLD)


def test_the_same_question_in_the_same_second_is_known(told, clock):
    assert told.get(QUESTION) is None
    keep(told)
    assert told.get(QUESTION) == TOLD
    assert told.get(QUESTION + b"x") is None


def test_all_is_forgotten_with_the_second(told, clock):
    keep(told)
    clock.shift(0.9)
    assert told.get(QUESTION) == TOLD
    clock.shift(0.2)
    assert told.get(QUESTION) is None


@pytest.mark.parametrize("seen", [(2, "2026-01-01"), (1, "2026-01-02"), None])
def test_all_is_forgotten_at_a_write_or_on_another_day_or_while_nobody_can_say(told, clock, world, seen):
    keep(told)
    world.seen = seen
    assert told.get(QUESTION) is None


def test_what_was_told_before_a_write_is_not_kept_after_it(told, clock, world):
    told.get(QUESTION)
    world.seen = (2, "2026-01-01")
    told.keep(QUESTION, TOLD)
    assert told.get(QUESTION) is None


def test_what_was_told_in_the_second_before_is_not_kept(told, clock):
    told.get(QUESTION)
    clock.shift(1)
    told.keep(QUESTION, TOLD)
    assert told.get(QUESTION) is None


def test_nothing_is_kept_while_nobody_can_say_what_the_world_is(told, clock, world):
    world.seen = None
    keep(told)
    assert told.get(QUESTION) is None


def test_it_is_bounded_in_questions_and_in_their_size(told, clock, monkeypatch):
    monkeypatch.setattr(recent, "MOST_QUESTIONS", 2)
    long = b"d" * (recent.MOST_BYTES + 1)
    for question in (long, b"a", b"b", b"c"):
        keep(told, question)
    assert [told.get(question) for question in (long, b"a", b"b", b"c")] == [None, TOLD, TOLD, None]
