"""Behind a proxy that signs what it says of a person: whom it names, for how long, and what a person is told if it does not do.

The installation also has an issuer whose addresses are trusted and whose groups are nested, as Entra ID and Keycloak do it.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from accounts.sign_in.providers.groups import claimed
from tests.accounts.test_providers import by_provider
from tests.client import Socket
from tests.issuer import Issuer
from tests.issuer.settings import provider_settings
from tests.ports import free_port
from tests.stack import Galaxy, Providers
from tests.visitor import Visitor

PROXY = "127.0.0.2"
SECRET = "the-secret-of-this-proxy-0001"
HEADER = "X-Statement"
OWNER = "owner@localhost"


@pytest.fixture(scope="module")
def stated(stand_in_process: Providers, issuer_process: Issuer) -> Iterator[Galaxy]:
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        settings = provider_settings(issuer_process.port) | {
            "TRUSTED_PROXIES": PROXY,
            "PROXY_SHARED_SECRET": SECRET,
            "PROXY_JWT_HEADER": HEADER,
            "PROXY_JWT_KEYS_URL": f"{issuer_process.url}/keys",
            "PROXY_JWT_ISSUER": "https://proxy.example.org",
            "PROXY_JWT_AUDIENCE": "galaxy",
            "PROXY_SIGN_OUT_URL": "https://proxy.example.org/sign-out",
            "OIDC_EMAIL_CLAIM": "upn",
            "OIDC_EMAIL_TRUSTED": "true",
            "OIDC_GROUPS_CLAIM": "realm_access.roles",
            "OAUTH_DYNAMIC_REGISTRATION": "true",
            "SIGN_UP": "providers",
        }
        installation = Galaxy(Path(folder), free_port(), stand_in_process, **settings)
        installation.start()
        yield installation
        installation.stop()


def statement(issuer: Issuer, **claims: Any) -> dict[str, str]:
    """The header with a statement; a claim that is None is left out."""
    told = {"email": "dana@example.org", "email_verified": True, "iss": "https://proxy.example.org", "aud": "galaxy"}
    told |= {"exp": time.time() + 600} | claims
    return {HEADER: issuer.openid.signed({name: value for name, value in told.items() if value is not None})}


def at_proxy(galaxy: Galaxy, **options: Any) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(local_address=PROXY)
    return httpx.AsyncClient(base_url=galaxy.base_url, transport=transport, timeout=20, **options)


def socket(galaxy: Galaxy, headers: dict[str, str]) -> connect:
    return connect(galaxy.ws_url, additional_headers=headers | {"Origin": galaxy.base_url}, local_addr=(PROXY, 0))


async def said(connection: ClientConnection, action: str, **payload: Any) -> dict[str, Any]:
    await connection.send(json.dumps({"action": action, "request_id": secrets.token_hex(8), "payload": payload}))
    while (answer := json.loads(await connection.recv()))["status"] == "notice":
        pass
    return dict(answer)


UNVERIFIED = [
    {"email": OWNER, "email_verified": False},
    {"email": OWNER, "email_verified": None},
    {"email": OWNER, "email_verified": "false"},
    {"email": OWNER, "email_verified": 1},
    {"email": OWNER, "email_verified": [True]},
    {"email": None},
    {"email": f"{OWNER},eve@example.org"},
    {"email": [OWNER]},
    {"email": {"value": OWNER}},
]


@pytest.mark.parametrize("claims", UNVERIFIED, ids=str)
async def test_an_address_that_nobody_verified_is_nobody_at_every_door(
    stated: Galaxy, issuer_process: Issuer, claims: dict[str, Any]
) -> None:
    headers = statement(issuer_process, **claims)
    async with at_proxy(stated, headers=headers) as proxied:
        refused = await proxied.get("/api/me")
        assert refused.status_code == 401
        assert "email address" in refused.json()["error"]["message"]
        page = await proxied.get("/", follow_redirects=True)
        assert "You are not signed in" in page.text
        assert "Sign out there" in page.text
    async with socket(stated, headers) as connection:
        await connection.wait_closed()
        assert connection.close_code == 4401


async def test_what_expired_is_said_where_one_would_meet_the_password_page(stated: Galaxy, issuer_process: Issuer) -> None:
    for ended in (1, 20, 3600):
        async with at_proxy(stated, headers=statement(issuer_process, exp=time.time() - ended)) as proxied:
            assert "has expired" in (await proxied.get("/api/me")).json()["error"]["message"]
            assert "has expired. Reload the page." in (await proxied.get("/", follow_redirects=True)).text
    async with Visitor(stated.base_url) as stranger:  # who is not the proxy learns nothing by it
        page = await stranger.get("/sign-in", headers=statement(issuer_process, exp=time.time() - 60))
        assert "You are not signed in" not in page.text


async def until_over(client: httpx.AsyncClient, path: str) -> int:
    """Read a stream to its end; gives the number of its lines."""
    async with asyncio.timeout(60), client.stream("GET", path) as stream:
        return len([line async for line in stream.aiter_lines()])


async def test_a_socket_and_a_stream_end_with_the_statement(stated: Galaxy, issuer_process: Issuer) -> None:
    headers = statement(issuer_process, exp=(ends := time.time() + 6))
    async with socket(stated, headers) as connection, at_proxy(stated, headers=headers) as proxied:
        accepted = await said(connection, "chat", text="[[tokens=600 rate=20]]")
        assert accepted["status"] == "accepted", accepted
        streamed = asyncio.create_task(until_over(proxied, f"/api/runs/{accepted['run_id']}/events"))
        assert await Socket(connection).until_closed(within=60) == 4401
        assert await streamed > 1
        assert time.time() >= ends
    async with at_proxy(stated, headers=statement(issuer_process)) as proxied:  # the answer went on
        run = f"/api/runs/{accepted['run_id']}"
        csrf = {"X-CSRFToken": "c" * 32, "Cookie": f"galaxy_csrf={'c' * 32}"}
        assert (await proxied.post(f"{run}/stop", headers=csrf)).status_code in (200, 202, 204)


async def test_signing_out_says_that_the_proxy_signs_in_again_and_where_to_sign_out(
    stated: Galaxy, issuer_process: Issuer
) -> None:
    async with at_proxy(stated, headers=statement(issuer_process), cookies={"galaxy_csrf": "c" * 32}) as proxied:
        page = await proxied.post("/sign-out", data={"csrfmiddlewaretoken": "c" * 32})
    assert page.status_code == httpx.codes.OK
    assert "signs you in on every page" in page.text
    assert 'href="https://proxy.example.org/sign-out"' in page.text


async def test_one_address_counts_for_attempts_the_audit_sessions_and_registering_apps(stated: Galaxy) -> None:
    """The client's that a proxy names, if it shows that it is the proxy; else that of whoever is connected."""
    known, forged = {"X-Proxy-Secret": SECRET}, {"X-Proxy-Secret": "a-secret-that-is-not-the-one"}

    async def registered(headers: dict[str, str]) -> int:
        app = {"client_name": "App", "redirect_uris": ["http://127.0.0.1/back"]}
        return (await proxied.post("/oauth/register", json=app, headers=headers)).status_code

    async with at_proxy(stated) as proxied:
        statuses = [await registered(known | {"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(22)]
        assert set(statuses) == {201}
        statuses = [
            await registered(known | {"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.99:4711"}) for number in range(22)
        ]
        assert statuses == [201] * 20 + [429] * 2
        statuses = [await registered(forged | {"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(22)]
        assert statuses == [201] * 20 + [429] * 2
        await proxied.post(
            "/sign-in/link/guess",
            headers=known | {"X-Forwarded-For": "evil, 198.51.100.7"} | GUESS["headers"],
            data=GUESS["data"],
        )
        await proxied.post(
            "/sign-in/link/guess", headers=forged | {"X-Forwarded-For": "198.51.100.8"} | GUESS["headers"], data=GUESS["data"]
        )
    async with asyncio.timeout(20):
        while not {"198.51.100.7", PROXY} <= (told := addresses_in_audit(stated)):
            await asyncio.sleep(0.5)
    assert "198.51.100.8" not in told


GUESS: dict[str, Any] = {"data": {"csrfmiddlewaretoken": "c" * 32}, "headers": {"Cookie": f"galaxy_csrf={'c' * 32}"}}


def addresses_in_audit(galaxy: Galaxy) -> set[str]:
    entries = map(json.loads, galaxy.manage("audit", "export").splitlines())
    return {entry["client"].partition(" ")[0] for entry in entries if entry["action"] == "sign_in.refused"}


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"upn": "Dana@Example.org"}, ""),
        ({"upn": "erin@example.org", "email": "erin@example.org", "email_verified": True}, ""),
        ({"upn": "frank@example.org", "email_verified": False}, "says that your email address is not verified"),
        ({"email": "grace@example.org", "email_verified": True}, "does not send an email address in the claim upn"),
    ],
    ids=["not said, and trusted", "said", "denied", "another claim"],
)
async def test_the_claim_to_use_can_be_set_and_an_issuer_be_trusted(
    stated: Galaxy, issuer_process: Issuer, claims: dict[str, Any], words: str
) -> None:
    issuer_process.reset()
    issuer_process.claims = {"sub": secrets.token_hex(8), "realm_access": {"roles": ["Adults"]}} | claims
    async with Visitor(stated.base_url) as visitor:
        answer = await by_provider(visitor)
        assert await visitor.is_in() is not bool(words), answer.text
        assert words in answer.text


@pytest.mark.parametrize(
    ("claim", "member", "claims", "groups"),
    [
        ("groups", "", {"groups": ["a", 1, None, ""]}, {"a", "1"}),
        ("groups", "", {"groups": []}, set()),
        ("groups", "", {"groups": ""}, set()),
        ("groups", "", {"groups": [{"name": "a"}]}, None),
        ("groups", "name", {"groups": [{"name": "a"}, {"id": 1}, "b"]}, {"a", "b"}),
        ("groups", "name", {"groups": {"name": "a"}}, {"a"}),
        ("realm_access.roles", "", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("realm_access.roles", "", {"realm_access": {"roles": []}}, set()),
        ("realm_access.roles", "", {"realm_access": ["roles"]}, None),
        ("realm_access.roles", "", {"roles": ["a"]}, None),
        ("https://g.example/groups", "", {"https://g.example/groups": ["a"]}, {"a"}),
        ("resource_access.my.app.roles", "", {"resource_access": {"my.app": {"roles": ["a"]}}}, {"a"}),
    ],
)
@pytest.mark.usefixtures("galaxy")
def test_groups_are_read_where_they_are_and_never_emptied_by_what_cannot_be_read(
    claim: str, member: str, claims: dict[str, Any], groups: set[str] | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert claimed(claims, claim, member) == groups
    assert ("groups stay as they are" in caplog.text) is (groups is None)
