"""The counts in Redis: one script decides for all counts of a use at once, so that no two processes ever spend the same rest.

A count is a hash: `used` is what was settled, every other field a reservation's share. Beside it, a sorted set says when each
reservation lapses: of a process that died, nobody would settle it.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.connections import redis

SPARE_SECONDS = 3600  # beyond the longest answer: it also waits for its turn, and for a database that is away

# KEYS: pairs of count and lapse set. ARGV: id, now, lapses at, then amount, share, window's end for each count.
# Gives 0 when all is reserved; -n when count n is not known yet; n when count n has too little left.
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

# KEYS as above. ARGV: id, then what was really used of each. What lapsed or was settled before counts nothing more.
_SETTLE = """
for i = 1, #KEYS, 2 do
  if redis.call('HDEL', KEYS[i], ARGV[1]) == 1 then
    redis.call('HINCRBYFLOAT', KEYS[i], 'used', ARGV[(i + 1) / 2 + 1])
  end
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
end
"""

# KEYS: a count and its lapse set. ARGV: used, lapses at, when to forget it, then id and share of each reservation.
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
    """How long a share is set aside at most. What lapses first counts nothing, so an answer may not outlast it."""
    longest: float = settings.ENVIRONMENT.answer_seconds
    return longest + SPARE_SECONDS


def _client() -> Any:
    # redis-py types each answer as every form that any protocol version could give.
    return redis()


def _keys(names: Sequence[str]) -> list[str]:
    return [key for name in names for key in (name, f"{name}:lapses")]


async def reserve(hold: UUID, now: float, shares: Sequence[tuple[str, float, float, int]]) -> int:
    """Reserve a share of each count, all or none; `shares` holds key, amount, share and the window's end in Unix seconds.

    Gives 0 when it is done, else as the script says. Raises RedisError.
    """
    arguments: list[Any] = [str(hold), now, now + _held_seconds()]
    for _, amount, share, ends in shares:
        arguments += [amount, share, ends + int(_held_seconds())]
    return int(await _client().eval(_RESERVE, 2 * len(shares), *_keys([key for key, *_ in shares]), *arguments))


async def settle(hold: UUID, used: Sequence[tuple[str, float]]) -> None:
    """Put what was really used in the reservation's place. Raises RedisError."""
    if used:
        keys = _keys([key for key, _ in used])
        await _client().eval(_SETTLE, len(keys), *keys, str(hold), *[amount for _, amount in used])


async def begin(key: str, used: float, holds: Mapping[UUID, float], ends: int) -> None:
    """Begin a count that is not known, with what was used and what is set aside until then. Raises RedisError."""
    lapses = time.time() + _held_seconds()
    arguments = [part for hold, share in holds.items() for part in (str(hold), share)]
    await _client().eval(_BEGIN, 2, *_keys([key]), used, lapses, ends + int(_held_seconds()), *arguments)


async def used(keys: Sequence[str]) -> list[float | None]:
    """What each count has, reservations included; None for one that is not known. Raises RedisError."""
    pipeline = _client().pipeline(transaction=False)
    for key in keys:
        pipeline.hgetall(key)
    return [sum(map(float, found.values())) if b"used" in found else None for found in await pipeline.execute()]
