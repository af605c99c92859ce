"""A reverse proxy's signed statement of the person (a JWT, RFC 7519), verified with its published keys (RFC 7517)."""

import asyncio
import logging
import time
from typing import Any, NamedTuple

import jwt
from django.core.exceptions import ImproperlyConfigured

from accounts import egress
from accounts.identity import claims
from accounts.identity.credentials import Proxied

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
FRESH_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 30.0
AFTER_FAILURE_SECONDS = 1.0
MOST_STALE_SECONDS = 86_400.0  # for which the last keys stay in use while they cannot be fetched again
LEEWAY_SECONDS = 30


class BadStatement(Exception):
    """The statement could not be verified. The message does not quote it; `words` are for the person it names."""

    words = "The proxy in front of this portal named you, but its statement could not be verified. The server log says why."


class Expired(BadStatement):
    """The statement was the proxy's, but has expired."""

    words = (
        "Your sign-in at the proxy in front of this portal has expired. Reload the page. "
        "If that does not help, sign in there again."
    )


class Rules(NamedTuple):
    """Rules for a valid statement. `header` is in lower case."""

    header: bytes
    keys_url: str
    issuer: str
    audience: str
    claim: str = claims.EMAIL
    is_trusted: bool = False


def rules(
    header: str, keys_url: str, issuer: str, audience: str, *, claim: str = claims.EMAIL, is_trusted: bool = False
) -> Rules:
    """Build the rules from the settings. Raises ImproperlyConfigured if they would accept any issuer's statement."""
    if not (keys_url and issuer and audience):
        raise ImproperlyConfigured("PROXY_JWT_HEADER needs PROXY_JWT_KEYS_URL, PROXY_JWT_ISSUER and PROXY_JWT_AUDIENCE, too.")
    return Rules(header.lower().encode(), keys_url, issuer, audience, claim, is_trusted)


class Keys:
    """The proxy's keys, fetched again when they are old or one is missing, but at most every half minute."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = -MOST_STALE_SECONDS
        self._ask_from = 0.0
        self._trouble = ""
        self._asking = asyncio.Lock()

    async def named(self, key_id: str) -> jwt.PyJWK:
        """Return the key with this id. Raises BadStatement."""
        if key_id not in self._keys or self._age() > FRESH_SECONDS:
            async with self._asking:
                await self._ask()
        if key_id not in self._keys or self._age() > MOST_STALE_SECONDS:
            raise BadStatement(self._trouble or "it is signed with a key that the proxy does not publish")
        return self._keys[key_id]

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    async def _ask(self) -> None:
        """Fetch the keys, unless that was just done. If it fails, the earlier ones stay in use, and it is soon tried again."""
        if time.monotonic() < self._ask_from:
            return
        try:
            answer = await egress.fetch(self._url, most_bytes=100_000, seconds=5, by_operator=True)
            self._keys = {key.key_id or "": key for key in jwt.PyJWKSet.from_json(answer.text).keys}
        except (egress.EgressError, jwt.PyJWTError, ValueError) as error:
            self._trouble = f"the proxy's keys cannot be read: {error}"
            self._ask_from = time.monotonic() + AFTER_FAILURE_SECONDS
            logger.warning("A signed statement of the proxy in front of this portal: %s", self._trouble)
            return
        self._trouble = ""
        self._read_at = time.monotonic()
        self._ask_from = self._read_at + ASK_AGAIN_SECONDS


_keys: dict[str, Keys] = {}


async def named_in(rules: Rules, statement: bytes) -> Proxied:
    """Return the person a signed statement names. Raises BadStatement, and NotVouched for an address that is not theirs."""
    said = await _verified(rules, statement)
    if said["exp"] <= time.time():
        raise Expired("its signed statement has expired")
    address = claims.vouched_address(said, claim=rules.claim, is_trusted=rules.is_trusted)
    return Proxied(address, float(said["exp"]))


async def _verified(rules: Rules, statement: bytes) -> dict[str, Any]:
    try:
        text = statement.decode("ascii")
        key_id = jwt.get_unverified_header(text).get("kid", "")
        key = await _keys.setdefault(rules.keys_url, Keys(rules.keys_url)).named(key_id)
        said: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=ALGORITHMS,
            issuer=rules.issuer,
            audience=rules.audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Expired("its signed statement has expired") from error
    except (jwt.PyJWTError, UnicodeDecodeError) as error:
        raise BadStatement(f"its signed statement is not valid: {error}") from error
    return said
