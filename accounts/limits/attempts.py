"""Limits on attempts, counted in Redis before anything is checked, so that parallel attempts cannot slip through.

An attacker cannot lock a person out. Limits apply to an account at one address and to an address; an account as a whole is
limited only for addresses from which its person never signed in. A success is not counted.
"""

import ipaddress
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.audit import clients

KEY = "accounts:attempts:"
NETWORK_BITS = 64  # the owner of one IPv6 address has all of these

# All limits are checked before any is counted: a refused attempt costs nothing.
TAKE = """
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
end
return 0
"""

GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
"""


class Limit(NamedTuple):
    """A number of attempts within a time, counted from the first."""

    most: int
    seconds: int


AT_ONE_ADDRESS = Limit(5, 300)
ELSEWHERE = Limit(100, 3600)
ADDRESS = Limit(30, 300)


class TooManyAttempts(Exception):
    """Too many attempts: nothing was checked. Holds the seconds until the next one is allowed."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.")
        self.seconds = seconds


class Attempt(NamedTuple):
    """A counted attempt. `succeeded` takes it back."""

    own: tuple[str, ...]
    shared: str

    def succeeded(self) -> None:
        """Take this attempt back and forget the person's earlier failures; those of others at the address stay."""
        _script(GIVE_BACK)([self.shared, *self.own])


def attempt(what: str, address: str, account: str = "", *, is_known_here: bool = False) -> Attempt:
    """Count an attempt. `account` is the typed name or the person meant, whether it exists or not.

    Raises TooManyAttempts, and RedisError: without counting, nothing is checked.
    """
    account = account.strip().lower()
    shared = _key(what, "address", address)
    limits = {shared: ADDRESS}
    own: tuple[str, ...] = ()
    if account:
        here = _key(what, "here", f"{account} {address}")
        own = (here,)
        limits[here] = AT_ONE_ADDRESS
        if not is_known_here:
            limits[_key(what, "elsewhere", account)] = ELSEWHERE
    wait = _script(TAKE)(list(limits), [figure for limit in limits.values() for figure in (limit.most, limit.seconds * 1000)])
    if wait:
        raise TooManyAttempts(-(-int(wait) // 1000))
    return Attempt(own, shared)


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the part of the client's address that is counted."""
    return _network(clients.address_of(scope))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def _key(what: str, kind: str, whose: str) -> str:
    """Build the key from a digest: a typed address may be a password, and must not be readable in Redis."""
    digest = salted_hmac(KEY, whose.strip().lower(), algorithm="sha256").hexdigest()
    return f"{KEY}{what}:{kind}:{digest}"


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2)


@cache
def _script(text: str) -> Any:
    return _redis().register_script(text)
