"""Whether a PostgreSQL and a Redis answer: python -m tests.reachable DATABASE_URL REDIS_URL."""

from __future__ import annotations

import sys

import psycopg
import redis


def main(database_url: str, redis_url: str) -> int:
    try:
        version = psycopg.connect(database_url, connect_timeout=3).info.server_version
        redis_version = redis.Redis.from_url(redis_url, socket_connect_timeout=3).info()["redis_version"]
    except (psycopg.Error, redis.RedisError):
        return 1
    print(f"also on PostgreSQL {version // 10000} and Redis {redis_version}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
