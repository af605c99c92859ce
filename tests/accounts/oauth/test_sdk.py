"""The official MCP SDK's client finds its own way: from a 401 to a token, and on to the next."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import httpx2
import pytest
from asgiref.sync import sync_to_async
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from accounts.models import User
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import CALLBACK, App, Browser, answer
from tests.app_site import AppSite
from tests.people import session_of
from tests.ports import free_port
from tests.stack import Galaxy, Providers


class Store:
    """The SDK's storage, in memory."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Person:
    """Opens what the SDK asks for, allows it, and brings back the answer."""

    def __init__(self, base_url: str, session: str) -> None:
        self.browser = Browser(base_url, session)
        self.told: dict[str, str] = {}

    async def open(self, address: str) -> None:
        self.told = answer(await self.browser.press(address, "allow"))

    async def bring(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=self.told["code"], state=self.told["state"], iss=self.told["iss"])


def provider(base_url: str, session: str, store: Store, **more: Any) -> OAuthClientProvider:
    person = Person(base_url, session)
    metadata = OAuthClientMetadata(redirect_uris=[CALLBACK], client_name="SDK")  # type: ignore[list-item]
    return OAuthClientProvider(f"{base_url}/api", metadata, store, person.open, person.bring, **more)


async def test_from_a_401_to_a_token_and_on_to_the_next(galaxy: Galaxy, new_app: NewApp, alice: User) -> None:
    app, store = new_app(client_name="SDK"), Store()
    session = await sync_to_async(session_of)(alice)
    auth = provider(galaxy.base_url, session, store, client_metadata_url=app.client_id)
    async with httpx2.AsyncClient(base_url=galaxy.base_url, auth=auth) as client:
        assert (await client.get("/api/me")).json()["email"] == alice.email
        assert store.tokens
        assert store.client
        assert store.client.client_id == app.client_id
        assert store.tokens.scope == "profile:read"  # what the 401 asked for, and no more
        first = store.tokens
        auth.context.token_expiry_time = 1.0
        assert (await client.get("/api/me")).status_code == 200
    assert first.refresh_token
    assert store.tokens.refresh_token != first.refresh_token
    assert (await app.me(first.access_token)).status_code == 401
    assert (await app.refresh(first.refresh_token)).json()["error"] == "invalid_grant"
    assert (await app.me(store.tokens.access_token)).status_code == 401


async def test_it_asks_for_more_when_a_token_does_not_reach(galaxy: Galaxy, new_app: NewApp, alice: User) -> None:
    app, store = new_app(client_name="SDK"), Store()
    session = await sync_to_async(session_of)(alice)
    auth = provider(galaxy.base_url, session, store, client_metadata_url=app.client_id)
    async with httpx2.AsyncClient(base_url=galaxy.base_url, auth=auth) as client:
        assert (await client.get("/api/me")).status_code == 200
        assert (await client.get("/api/conversations")).status_code == 200
    assert store.tokens
    assert set((store.tokens.scope or "").split()) == {"profile:read", "chat:read"}


@pytest.fixture(scope="module")
def open_galaxy(stand_in_process: Providers, app_site: AppSite) -> Iterator[Galaxy]:
    """An installation at which apps may register without a document."""
    folder = Path(mkdtemp(prefix="galaxy-"))
    installation = Galaxy(folder, free_port(), stand_in_process, OAUTH_DYNAMIC_REGISTRATION="true", **app_site.settings)
    installation.start()
    yield installation
    installation.stop()
    rmtree(folder)


async def test_it_registers_where_that_is_switched_on(open_galaxy: Galaxy) -> None:
    store = Store()
    auth = provider(open_galaxy.base_url, open_galaxy.owner_cookie(), store)
    async with httpx2.AsyncClient(base_url=open_galaxy.base_url, auth=auth) as client:
        assert (await client.get("/api/me")).status_code == 200
    assert store.client
    assert store.client.client_secret is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"redirect_uris": "https://a.example/"}',
        b'{"redirect_uris": [1]}',
        b'{"redirect_uris": ["http://a.example/callback"]}',
        b'{"redirect_uris": ["javascript:alert(1)"]}',
        b'{"redirect_uris": ["http://127.0.0.1/back", "cursor://anysphere.cursor-mcp/oauth/callback"]}',
        b'{"redirect_uris": ["https://a.example/c", "com.example.app:/back"]}',
        b'{"redirect_uris": ["https://a.example/c", "http://b.example/c"]}',
        b'{"redirect_uris": ["https://a.example/c"], "grant_types": ["client_credentials"]}',
        b'{"redirect_uris": ["https://a.example/c\\u0000"]}',
        b'{"redirect_uris": ["https://a.example/%s"]}' % (b"c" * 3000),
    ],
)
async def test_who_registers_nonsense_is_told(open_galaxy: Galaxy, body: bytes) -> None:
    async with httpx2.AsyncClient(base_url=open_galaxy.base_url) as client:
        refused = await client.post("/oauth/register", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"] == "invalid_client_metadata"


async def test_the_page_of_a_browser_app_registers_from_its_own_site_alone(open_galaxy: Galaxy) -> None:
    body = {"redirect_uris": ["https://a.example/callback"], "client_name": "App"}
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with httpx2.AsyncClient(base_url=open_galaxy.base_url) as client:
        for origin, is_own in (("https://a.example", True), ("https://b.example", False), ("null", False)):
            preflight = await client.options("/oauth/register", headers=ask | {"Origin": origin})
            assert preflight.headers.get("Access-Control-Allow-Origin") == (None if origin == "null" else origin)
            answer = await client.post("/oauth/register", json=body, headers={"Origin": origin})
            assert answer.headers.get("Access-Control-Allow-Origin") == (origin if is_own else None)


async def test_nobody_registers_where_it_is_not(galaxy: Galaxy, app: App) -> None:
    async with httpx2.AsyncClient(base_url=galaxy.base_url) as client:
        assert (await client.post("/oauth/register", json={"redirect_uris": [CALLBACK]})).status_code == 404
        metadata = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert "registration_endpoint" not in metadata
