"""What is kept in memory is bounded."""

from __future__ import annotations

from pages.domain.memory import OVERHEAD_BYTES, Answer, Memory


def answer(size: int) -> Answer:
    return Answer((1, "2026-01-01"), '"tag"', [], [], b"x" * size)


def test_what_was_read_last_stays_longest():
    memory = Memory(3 * (1000 + OVERHEAD_BYTES))
    for path in ("/a/", "/b/", "/c/"):
        memory.put(path, "br", answer(1000))
    assert memory.get("/a/", "br") is not None
    memory.put("/d/", "br", answer(1000))
    assert [bool(memory.get(path, "br")) for path in ("/a/", "/b/", "/c/", "/d/")] == [
        True,
        False,
        True,
        True,
    ]


def test_the_size_is_counted_and_never_passes_the_bound():
    memory = Memory(10_000)
    for number in range(100):
        memory.put(f"/{number % 7}/", "gzip", answer(number * 50))
        assert memory.size_bytes <= 10_000
    memory.put("/large/", "gzip", answer(20_000))
    assert memory.get("/large/", "gzip") is None
    assert memory.size_bytes == 0


def test_a_memory_of_nothing_keeps_nothing():
    memory = Memory(0)
    memory.put("/", "br", answer(1))
    assert memory.get("/", "br") is None


def test_each_coding_is_kept_by_itself():
    memory = Memory(100_000)
    memory.put("/", "br", answer(1))
    assert memory.get("/", "gzip") is None
