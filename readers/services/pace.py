"""How often one reader may send something, counted in Redis without keeping who it was."""

from __future__ import annotations

import logging
from datetime import datetime
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.utils.crypto import salted_hmac
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

MOST_PER_HOUR = 5
HOUR_SECONDS = 3600
# Somebody on IPv6 has at least this network to choose addresses from.
IPV6_PREFIX = 64


def may_send(*, address: str, now: datetime) -> bool:
    """Count one attempt and return whether it is among the MOST_PER_HOUR of this reader in this hour.

    The count is kept under a hash of address, hour and the site's secret, which is forgotten with the count
    an hour later: nothing leads from it to the address, nor from one hour's to the next. While Redis is away
    everybody may send; the services have a limit over all readers of their own.

    Args:
        address: an IP address; what is none counts as one reader.
        now: its hour is counted in.
    """
    key = f"readers:sent:{_hash(address, now)}"
    try:
        with Redis.from_url(settings.REDIS_URL) as redis, redis.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, HOUR_SECONDS)
            return int(pipe.execute()[0]) <= MOST_PER_HOUR
    except RedisError as error:
        logger.warning("reports are not counted: %s", type(error).__name__)
        return True


def _hash(address: str, now: datetime) -> str:
    return salted_hmac(f"readers.pace {now:%Y-%m-%dT%H}", _network(address), algorithm="sha256").hexdigest()[
        :32
    ]


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((known, IPV6_PREFIX), strict=False)) if known.version == 6 else str(known)
