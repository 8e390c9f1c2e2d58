"""How often a key may call: a token bucket in Redis, which is never needed to serve a request.

Without Redis everything is allowed: limits keep the service fair, they do not guard money or stock.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import NoScriptError
from redis.retry import Retry

from kit.errors import DomainError

logger = logging.getLogger(__name__)

# A request waits at most this long for Redis, and then not at all until it has had time to recover.
REDIS_SECONDS = 0.04
REST_SECONDS = 5.0

# KEYS[1] the bucket; ARGV[1] its size, ARGV[2] tokens that flow in each second. Redis's own clock
# counts, so that web servers need not agree. Answers: allowed, tokens left, seconds until one is in.
BUCKET = """
local size, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or size
local at = tonumber(bucket[2]) or now
tokens = math.min(size, tokens + math.max(0, now - at) * rate)
local allowed = 0
if tokens >= 1 then
    tokens = tokens - 1
    allowed = 1
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(size / rate) + 1)
return {allowed, math.floor(tokens), math.ceil((1 - math.min(1, tokens)) / rate)}
"""


class RateLimited(DomainError):
    code = "rate_limited"
    text = _(
        "Too many requests: {limit} a minute are allowed. Try again in {retry_after_seconds} s."
    )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may still do: requests left now, and seconds until the next one is free."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """Say it to the caller."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class _Rest:
    """Until when Redis is left alone after it failed; shared by the threads of a process."""

    until = 0.0


def take_many(key_pks: Sequence[int]) -> list[tuple[Allowance, bool]]:
    """Take one request each from keys' allowances, in one round trip.

    Return what is left of each, and whether it was allowed.
    """
    limit = settings.API_RATE_PER_MINUTE
    free = [(Allowance(limit, limit, 0), True)] * len(key_pks)
    if time.monotonic() < _Rest.until:
        return free
    try:
        answers = _ask_redis(key_pks, limit)
    except redis.RedisError as error:
        _Rest.until = time.monotonic() + REST_SECONDS
        logger.warning("requests are not counted for %s s: %s", REST_SECONDS, error)
        return free
    return [
        (Allowance(limit, int(remaining), int(reset_seconds)), bool(allowed))
        for allowed, remaining, reset_seconds in answers
    ]


def _ask_redis(key_pks: Sequence[int], limit: int) -> list[tuple[int, int, int]]:
    bucket = _bucket(settings.REDIS_URL)
    try:
        return _call(bucket, key_pks, limit)
    except NoScriptError:
        # Redis was started anew and knows it no more; nothing was taken yet.
        bucket.registered_client.script_load(BUCKET)
        return _call(bucket, key_pks, limit)


def _call(bucket: Script, key_pks: Sequence[int], limit: int) -> list[tuple[int, int, int]]:
    """Call the script by its digest alone: a `Script` would first ask each time whether it is known."""
    pipeline = bucket.registered_client.pipeline(transaction=False)
    for key_pk in key_pks:
        pipeline.evalsha(bucket.sha, 1, f"huopan:rate:{key_pk}", limit, limit / 60)
    answers: list[tuple[int, int, int]] = pipeline.execute()
    return answers


@lru_cache(maxsize=2)
def _bucket(url: str) -> Script:
    """One client a process: its pool opens connections as threads need them."""
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return client.register_script(BUCKET)
