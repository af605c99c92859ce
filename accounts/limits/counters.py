"""Counts in Redis: one script reserves all counts of a use atomically; no two processes spend the same remainder.

A count is a hash: `used` is the settled amount, every other field one reservation's share. A sorted set beside it holds the
expiry of each reservation: a process that died cannot settle its own.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.storage.connections import redis

SPARE_SECONDS = 3600  # beyond the longest answer, which also waits for its turn and for an absent database

# KEYS: pairs of count and expiry set. ARGV: id, now, expiry, then amount, share and end of the window for each count. Returns 0
# if all is reserved, -n if count n is unknown, n if count n has too little left.
_RESERVE = """
for i = 1, #KEYS, 2 do
  local n = (i + 1) / 2
  if redis.call('HEXISTS', KEYS[i], 'used') == 0 then return -n end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i + 1], '-inf', ARGV[2])) do
    redis.call('HDEL', KEYS[i], id)
    redis.call('ZREM', KEYS[i + 1], id)
  end
  local sum = 0
  for field, share in pairs(redis.call('HVALS', KEYS[i])) do sum = sum + tonumber(share) end
  if sum + tonumber(ARGV[3 * n + 2]) > tonumber(ARGV[3 * n + 1]) then return n end
end
for i = 1, #KEYS, 2 do
  local n = (i + 1) / 2
  redis.call('HSET', KEYS[i], ARGV[1], ARGV[3 * n + 2])
  redis.call('ZADD', KEYS[i + 1], ARGV[3], ARGV[1])
  redis.call('EXPIREAT', KEYS[i], ARGV[3 * n + 3])
  redis.call('EXPIREAT', KEYS[i + 1], ARGV[3 * n + 3])
end
return 0
"""

# KEYS as above. ARGV: id, then the amount used of each count. An expired or settled reservation adds nothing.
_SETTLE = """
for i = 1, #KEYS, 2 do
  if redis.call('HDEL', KEYS[i], ARGV[1]) == 1 then
    redis.call('HINCRBYFLOAT', KEYS[i], 'used', ARGV[(i + 1) / 2 + 1])
  end
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
end
"""

# KEYS as above. ARGV: id, expiry, then share and end of the window for each count. An expired share is reserved again.
_RENEW = """
for i = 1, #KEYS, 2 do
  local n = (i + 1) / 2
  if redis.call('HEXISTS', KEYS[i], 'used') == 1 then
    redis.call('HSETNX', KEYS[i], ARGV[1], ARGV[2 * n + 1])
    redis.call('ZADD', KEYS[i + 1], ARGV[2], ARGV[1])
    redis.call('EXPIREAT', KEYS[i], ARGV[2 * n + 2])
    redis.call('EXPIREAT', KEYS[i + 1], ARGV[2 * n + 2])
  end
end
"""

# KEYS: a count and its expiry set. ARGV: used, expiry, end of the count, then id and share of each reservation.
_BEGIN = """
if redis.call('HSETNX', KEYS[1], 'used', ARGV[1]) == 0 then return end
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[i])
end
redis.call('EXPIREAT', KEYS[1], ARGV[3])
redis.call('EXPIREAT', KEYS[2], ARGV[3])
"""


def _held_seconds() -> float:
    """Longest lifetime of a reservation. An expired one adds nothing when it is settled, so answers must be shorter."""
    longest: float = settings.ENVIRONMENT.answer_seconds
    return longest + SPARE_SECONDS


def _client() -> Any:
    # redis-py types each answer as every form that any protocol version could return.
    return redis()


def _keys(names: Sequence[str]) -> list[str]:
    return [key for name in names for key in (name, f"{name}:lapses")]


async def reserve(hold: UUID, now: float, shares: Sequence[tuple[str, float, float, int]]) -> int:
    """Reserve a share of each count, all or none; `shares` are tuples of key, amount, share and window's end in Unix seconds.

    Returns 0 on success, otherwise the script's number. Raises RedisError.
    """
    arguments: list[Any] = [str(hold), now, now + _held_seconds()]
    for _, amount, share, ends in shares:
        arguments += [amount, share, ends + int(_held_seconds())]
    return int(await _client().eval(_RESERVE, 2 * len(shares), *_keys([key for key, *_ in shares]), *arguments))


async def renew(hold: UUID, now: float, shares: Sequence[tuple[str, float, int]]) -> None:
    """Renew a reservation; `shares` are tuples of key, share and window's end. Raises RedisError."""
    if shares:
        lapses = now + _held_seconds()
        arguments = [part for _, share, ends in shares for part in (share, max(ends, int(now)) + int(_held_seconds()))]
        keys = _keys([key for key, *_ in shares])
        await _client().eval(_RENEW, len(keys), *keys, str(hold), lapses, *arguments)


async def settle(hold: UUID, used: Sequence[tuple[str, float]]) -> None:
    """Replace a reservation with the amount used. Raises RedisError."""
    if used:
        keys = _keys([key for key, _ in used])
        await _client().eval(_SETTLE, len(keys), *keys, str(hold), *[amount for _, amount in used])


async def begin(key: str, used: float, holds: Mapping[UUID, float], ends: int) -> None:
    """Create a missing count from what was used and what is reserved. Raises RedisError."""
    lapses = time.time() + _held_seconds()
    arguments = [part for hold, share in holds.items() for part in (str(hold), share)]
    await _client().eval(_BEGIN, 2, *_keys([key]), used, lapses, ends + int(_held_seconds()), *arguments)


async def used(keys: Sequence[str]) -> list[float | None]:
    """Return the total of each count, reservations included; None for a missing one. Raises RedisError."""
    pipeline = _client().pipeline(transaction=False)
    for key in keys:
        pipeline.hgetall(key)
    return [sum(map(float, found.values())) if b"used" in found else None for found in await pipeline.execute()]
