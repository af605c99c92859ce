"""The keys of a proxy that signs its statements, while they cannot be fetched."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from accounts import egress
from accounts.identity import proxy_jwt
from tests.issuer import Issuer


def statement(issuer: Issuer) -> bytes:
    told = {"email": "dana@example.org", "email_verified": True, "iss": "https://proxy.example.org", "aud": "galaxy"}
    return issuer.openid.signed(told | {"exp": time.time() + 600}).encode()


@pytest.fixture
async def rules(issuer_process: Issuer) -> AsyncIterator[proxy_jwt.Rules]:
    issuer_process.reset()
    proxy_jwt._keys.clear()
    yield proxy_jwt.rules("X-Statement", f"{issuer_process.url}/keys", "https://proxy.example.org", "galaxy")
    await egress.close()


async def test_one_failed_fetch_of_the_keys_refuses_no_one_for_long(issuer_process: Issuer, rules: proxy_jwt.Rules) -> None:
    issuer_process.wrong = "failing"
    with pytest.raises(proxy_jwt.BadStatement, match="cannot be read"):
        await proxy_jwt.named_in(rules, statement(issuer_process))
    with pytest.raises(proxy_jwt.BadStatement, match="cannot be read"):
        await proxy_jwt.named_in(rules, statement(issuer_process))
    assert len(issuer_process.asked) == 1  # not once a statement
    issuer_process.wrong = ""
    await asyncio.sleep(proxy_jwt.AFTER_FAILURE_SECONDS)
    assert (await proxy_jwt.named_in(rules, statement(issuer_process))).email == "dana@example.org"


async def test_keys_that_were_read_serve_on_while_they_cannot_be_read_again(
    issuer_process: Issuer, rules: proxy_jwt.Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    await proxy_jwt.named_in(rules, statement(issuer_process))
    monkeypatch.setattr(proxy_jwt, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(proxy_jwt._keys[rules.keys_url], "_ask_from", 0.0)
    issuer_process.wrong = "failing"
    assert (await proxy_jwt.named_in(rules, statement(issuer_process))).email == "dana@example.org"
    assert len(issuer_process.asked) == 2
    monkeypatch.setattr(proxy_jwt, "MOST_STALE_SECONDS", 0.0)
    with pytest.raises(proxy_jwt.BadStatement, match="cannot be read"):
        await proxy_jwt.named_in(rules, statement(issuer_process))
