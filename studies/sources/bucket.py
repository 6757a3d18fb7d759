"""One token bucket per host and pool, kept in Redis, so that all workers together stay polite.

Requests are spaced evenly (a bucket of depth one), which no way of counting a registry's limit can object
to. A worker that is granted a turn also holds a lease until its answer is in; the lease of a worker that
died runs out by itself. Nobody queues inside Redis: who is told to wait asks again, so a worker that gives
up or dies takes nothing with it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from redis import Redis

# A little slower than allowed: two requests may get closer to each other on the way.
MARGIN = 1.04
# How much of an interval a late comer may catch up, so that a slow clock tick costs no throughput.
CATCH_UP = 0.01
FASTEST_PER_SECOND = 1_000.0
FORGET_AFTER_MS = 24 * 3600 * 1000
# So soon whoever found all places taken comes again; sooner where the next turn would be sooner.
BUSY_WAIT_SECONDS = 0.05


@dataclass(frozen=True)
class Pace:
    """What a registry allows: `limit` requests in `interval` seconds, `at_once` unanswered."""

    limit: int
    interval: float
    at_once: int

    @property
    def spacing(self) -> float:
        """Seconds from one request to the next."""
        return max(self.interval / self.limit * MARGIN, 1 / FASTEST_PER_SECOND)

    @property
    def slack(self) -> float:
        """Seconds that one request may come late without getting too close to the next: half the margin."""
        return self.interval * (MARGIN - 1) / 2

    def faster(self, speed: float) -> Pace:
        """The same pace at so many times the speed."""
        return self if speed == 1 else replace(self, limit=max(round(self.limit * speed), 1))


class Turn(NamedTuple):
    """A granted turn has a lease, to be given back; a refused one says in how many seconds to ask again."""

    lease: str | None
    wait_seconds: float
    at: float


class BucketLevel(NamedTuple):
    """How a pool stands at this moment, for somebody who looks on.

    `tokens` of `capacity` requests may be sent before one is answered; `per_second` is the pace kept;
    `waiting_until` (Unix time) is set while nobody may ask; `left_today` is what the registry itself last
    said is left of its daily budget, None where it says nothing.
    """

    tokens: int
    capacity: int
    per_second: float
    waiting_until: float | None
    left_today: int | None


_NOW = """
local now = tonumber(ARGV[1])
if not now then local t = redis.call('TIME'); now = t[1] + t[2] / 1000000 end
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '') end
-- A clock that was set back must not make us wait for the old time to come round again: nothing lies further
-- ahead than it did when it was written.
local held_until = math.min(field('held_until') or 0, now + (field('held_for') or math.huge))
local function keep_hold()
    redis.call('HSET', KEYS[1], 'held_until', string.format('%.6f', held_until))
    redis.call('HSET', KEYS[1], 'held_for', string.format('%.6f', held_until - now))
end
"""

_TAKE = (
    _NOW
    + """
local spacing = field('spacing') or tonumber(ARGV[2])
local at_once = field('at_once') or tonumber(ARGV[3])
local function answer(granted, wait)
    return {granted, string.format('%.6f', wait), string.format('%.6f', now)}
end

if held_until > now then
    keep_hold()
    return answer(0, held_until - now)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local lease_end = now + tonumber(ARGV[5])
for _, lease in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], lease_end, '+inf')) do
    redis.call('ZADD', KEYS[2], lease_end, lease)
end
if redis.call('ZCARD', KEYS[2]) >= at_once then return answer(0, tonumber(ARGV[6])) end
local next_at = math.min(field('next_at') or 0, now + spacing)
if next_at > now then
    redis.call('HSET', KEYS[1], 'next_at', string.format('%.6f', next_at))
    return answer(0, next_at - now)
end
next_at = math.max(next_at, now - tonumber(ARGV[7])) + spacing
redis.call('HSET', KEYS[1], 'next_at', string.format('%.6f', next_at))
redis.call('ZADD', KEYS[2], lease_end, ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('PEXPIRE', KEYS[2], ARGV[8])
return answer(1, 0)
"""
)

_COUNT_ANEW = (
    _NOW
    + """
local next_at = math.max(field('next_at') or 0, now + (field('spacing') or tonumber(ARGV[2])))
redis.call('HSET', KEYS[1], 'next_at', string.format('%.6f', next_at))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)

_HOLD = (
    _NOW
    + """
held_until = math.max(held_until, now + tonumber(ARGV[2]))
keep_hold()
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[3]), math.ceil((held_until - now) * 1000)))
return 1
"""
)

_LEVEL = (
    _NOW
    + """
local left = (field('budget_until') or 0) > now and redis.call('HGET', KEYS[1], 'budget_left')
return {
    redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.6f', now), '+inf'),
    redis.call('HGET', KEYS[1], 'spacing') or ARGV[2],
    field('at_once') or tonumber(ARGV[3]),
    held_until > now and string.format('%.6f', held_until),
    left
}
"""
)


class TokenBucket:
    """The turns of one pool of one host.

    `name` tells pools apart (host and pool); `lease_seconds` is longer than any request may last; `now`
    replaces Redis' own clock in tests.
    """

    def __init__(
        self,
        redis: Redis,
        name: str,
        pace: Pace,
        *,
        lease_seconds: float = 120,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._redis = redis
        self._pace = pace
        self._learnt: Pace | None = None
        self._lease_seconds = lease_seconds
        self._now = now
        # The braces keep both keys on one node of a Redis cluster.
        self._keys = [f"bucket:{{{name}}}", f"bucket:{{{name}}}:leases"]
        self._take: Any = redis.register_script(_TAKE)
        self._count_anew: Any = redis.register_script(_COUNT_ANEW)
        self._hold: Any = redis.register_script(_HOLD)
        self._level: Any = redis.register_script(_LEVEL)

    def take(self) -> Turn:
        """Return a turn: granted, or how long to wait before asking again. Raises redis.RedisError."""
        lease = uuid.uuid4().hex
        arguments = [
            self._clock(),
            self._pace.spacing,
            self._pace.at_once,
            lease,
            self._lease_seconds,
            min(BUSY_WAIT_SECONDS, self._pace.spacing),
            self._pace.interval * CATCH_UP,
            FORGET_AFTER_MS,
        ]
        granted, wait, at = self._take(keys=self._keys, args=arguments)
        return Turn(lease if granted else None, float(wait), float(at))

    def note_sending(self, late: float) -> None:
        """Say how many seconds after the asking for a turn its request went off. Raises redis.RedisError.

        A turn counts from the moment it is granted. When its request goes off much later, as that of a worker
        that a busy machine had put aside or that had to open a connection first, the next one counts from
        now: else it would come too close.
        """
        if late > self._pace.slack:
            self._count_anew(keys=self._keys[:1], args=[self._clock(), self._pace.spacing, FORGET_AFTER_MS])

    def give_back(self, lease: str) -> None:
        """End a granted turn: its request is answered or has failed."""
        self._redis.zrem(self._keys[1], lease)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so many seconds: the registry said so. A longer hold stays."""
        self._hold(keys=self._keys[:1], args=[self._clock(), seconds, FORGET_AFTER_MS])

    def learn(self, pace: Pace) -> None:
        """Keep the pace that the registry itself named, for all workers, for a day."""
        if pace == self._learnt:  # what we began with is not enough: others may have learnt another since
            return
        self._pace = self._learnt = pace
        self._redis.hset(self._keys[0], mapping={"spacing": pace.spacing, "at_once": pace.at_once})
        self._redis.pexpire(self._keys[0], FORGET_AFTER_MS)

    def note_budget(self, left: int, seconds: float) -> None:
        """Keep what the registry says is left of a budget that is whole again in so many seconds."""
        until = (self._now() if self._now else time.time()) + seconds
        self._redis.hset(self._keys[0], mapping={"budget_left": left, "budget_until": until})
        self._redis.pexpire(self._keys[0], FORGET_AFTER_MS)

    def level(self) -> BucketLevel:
        """Return how the pool stands; takes nothing from it. Raises redis.RedisError."""
        arguments = [self._clock(), self._pace.spacing, self._pace.at_once]
        taken, spacing, at_once, held_until, left = self._level(keys=self._keys, args=arguments)
        return BucketLevel(
            tokens=max(at_once - taken, 0),
            capacity=at_once,
            per_second=1 / float(spacing),
            waiting_until=float(held_until) if held_until else None,
            left_today=int(left) if left is not None else None,
        )

    def _clock(self) -> float | str:
        return self._now() if self._now else ""
