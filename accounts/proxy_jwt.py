"""A reverse proxy's signed statement of who is there (a JWT, RFC 7519), checked with the proxy's published keys (RFC 7517)."""

import asyncio
import time
from typing import Any, NamedTuple

import jwt
from django.core.exceptions import ImproperlyConfigured

from accounts import claims, egress
from accounts.credentials import Proxied

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
FRESH_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 30.0
LEEWAY_SECONDS = 30


class BadStatement(Exception):
    """The statement is not believed. Says why, without quoting it; `words` are for the person whom it names."""

    words = "The proxy before this portal names you, and cannot be believed. Whoever runs this server finds why in its log."


class Expired(BadStatement):
    """It was the proxy's, and its time is over."""

    words = (
        "What the proxy before this portal says of you has expired. Reload the page. If it does not help, sign in there anew."
    )


class Rules(NamedTuple):
    """Where the statement stands and whose it must be. `header` is in lower case."""

    header: bytes
    keys_url: str
    issuer: str
    audience: str
    claim: str = claims.EMAIL
    is_trusted: bool = False


def rules(
    header: str, keys_url: str, issuer: str, audience: str, *, claim: str = claims.EMAIL, is_trusted: bool = False
) -> Rules:
    """The rules of the settings. Raises ImproperlyConfigured where they would believe anybody's statement."""
    if not (keys_url and issuer and audience):
        raise ImproperlyConfigured("PROXY_JWT_HEADER needs PROXY_JWT_KEYS_URL, PROXY_JWT_ISSUER and PROXY_JWT_AUDIENCE, too.")
    return Rules(header.lower().encode(), keys_url, issuer, audience, claim, is_trusted)


class Keys:
    """The proxy's keys, asked for again when they are old or one is missing, but not at every stranger's wish."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = -FRESH_SECONDS
        self._asking = asyncio.Lock()

    async def named(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Raises BadStatement."""
        age = time.monotonic() - self._asked_at
        if age > FRESH_SECONDS or (key_id not in self._keys and age > ASK_AGAIN_SECONDS):
            async with self._asking:
                await self._ask()
        if key_id not in self._keys:
            raise BadStatement("it is signed with a key that the proxy does not publish")
        return self._keys[key_id]

    async def _ask(self) -> None:
        if time.monotonic() - self._asked_at < ASK_AGAIN_SECONDS:
            return  # somebody else just did
        self._asked_at = time.monotonic()
        try:
            answer = await egress.fetch(self._url, most_bytes=100_000, seconds=5, by_operator=True)
            self._keys = {key.key_id or "": key for key in jwt.PyJWKSet.from_json(answer.text).keys}
        except (egress.EgressError, jwt.PyJWTError, ValueError) as error:
            raise BadStatement(f"the proxy's keys cannot be read: {error}") from error


_keys: dict[str, Keys] = {}


async def named_in(rules: Rules, statement: bytes) -> Proxied:
    """Whom a signed statement names, and until when. Raises BadStatement, and NotVouched for an address that is not theirs."""
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
