"""A proxy's signed statement: believed with the proxy's own key, issuer and audience, within its time, and never otherwise."""

import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured

from accounts.identity import proxy_jwt
from accounts.identity.proxy_jwt import BadStatement, Rules

OWN, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
CLAIMS = {"email": "dana@example.org", "email_verified": True, "iss": "https://proxy.example.org", "aud": "galaxy"}

WRONG = (
    "key",
    "kid",
    "issuer",
    "audience",
    "over",
    "endless",
    "for-nobody",
    "shared-secret",
    "unsigned",
    "no-jwt",
    "no-text",
)


def signed(key: Any = OWN, kid: str = "k1", algorithm: str = "ES256", **claims: Any) -> bytes:
    told = CLAIMS | {"exp": time.time() + 60} | claims
    return jwt.encode({name: value for name, value in told.items() if value}, key, algorithm, {"kid": kid}).encode()


@pytest.fixture
async def rules() -> AsyncIterator[Rules]:
    """Rules whose keys a real server publishes."""
    published = {**jwt.algorithms.ECAlgorithm.to_jwk(OWN.public_key(), as_dict=True), "kid": "k1", "alg": "ES256"}

    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": [published]})

    application = web.Application()
    application.router.add_get("/keys", keys)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Rules(b"x-assertion", f"http://127.0.0.1:{runner.addresses[0][1]}/keys", str(CLAIMS["iss"]), str(CLAIMS["aud"]))
    await runner.cleanup()


async def test_a_statement_of_the_proxy_names_the_person(rules: Rules) -> None:
    named = await proxy_jwt.named_in(rules, signed(exp=(ends := int(time.time()) + 60)))
    assert named == ("dana@example.org", ends)


@pytest.mark.parametrize(
    "statement",
    [
        signed(key=OTHER),
        signed(kid="k2"),
        signed(iss="https://elsewhere.example.org"),
        signed(aud="another portal"),
        signed(exp=time.time() - 600),
        signed(exp=None),
        signed(aud=None),
        signed(key="a shared secret that somebody guessed", algorithm="HS256"),
        signed(key=None, algorithm="none"),
        b"not.a.statement",
        b"\xff\xfe",
    ],
    ids=WRONG,
)
async def test_any_other_statement_is_not_believed(rules: Rules, statement: bytes) -> None:
    with pytest.raises(BadStatement):
        await proxy_jwt.named_in(rules, statement)


async def test_keys_that_cannot_be_read_believe_nobody() -> None:
    with pytest.raises(BadStatement, match="keys cannot be read"):
        await proxy_jwt.named_in(Rules(b"x", "http://127.0.0.1:9/keys", str(CLAIMS["iss"]), str(CLAIMS["aud"])), signed())


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_rules_without_their_keys_issuer_or_audience_are_refused(missing: int) -> None:
    given = ["https://proxy.example.org/keys", str(CLAIMS["iss"]), str(CLAIMS["aud"])]
    given[missing] = ""
    with pytest.raises(ImproperlyConfigured):
        proxy_jwt.rules("X-Assertion", *given)
