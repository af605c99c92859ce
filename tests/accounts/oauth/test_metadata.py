"""Documents that lead clients to the right door, and the doors' answer to those without a fitting token."""

import uuid

import httpx
import pytest

from accounts.models import User
from accounts.oauth.endpoints import challenge
from accounts.oauth.resources import MCP
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import App, connected
from tests.client import Client
from tests.stack import Galaxy

SERVER, RESOURCE = "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"


@pytest.mark.parametrize("path", ["", "/mcp", "/api"])
async def test_the_server_says_what_it_offers_and_nothing_else(anonymous: httpx.AsyncClient, galaxy: Galaxy, path: str) -> None:
    told = (await anonymous.get(SERVER + path)).json()
    assert told == {
        "issuer": galaxy.base_url,
        "authorization_endpoint": f"{galaxy.base_url}/oauth/authorize",
        "token_endpoint": f"{galaxy.base_url}/oauth/token",
        "revocation_endpoint": f"{galaxy.base_url}/oauth/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["chat:read", "chat:write", "profile:read", "tools:call", "tools:list"],
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }


async def test_the_issuer_is_the_public_address_by_whatever_name_it_is_asked(
    galaxy: Galaxy, anonymous: httpx.AsyncClient
) -> None:
    told = await anonymous.get(SERVER, headers={"Host": "localhost"})
    assert told.json()["issuer"] == galaxy.base_url


@pytest.mark.parametrize(("path", "door", "scopes"), [("", "/mcp", 2), ("/mcp", "/mcp", 2), ("/api", "/api", 5)])
async def test_each_resource_names_itself(
    anonymous: httpx.AsyncClient, galaxy: Galaxy, path: str, door: str, scopes: int
) -> None:
    answer = await anonymous.get(RESOURCE + path)
    told = answer.json()
    assert told["resource"] == galaxy.base_url + door
    assert told["authorization_servers"] == [galaxy.base_url]
    assert told["bearer_methods_supported"] == ["header"]
    assert len(told["scopes_supported"]) == scopes
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "address",
    [
        f"{SERVER}/other",
        f"{RESOURCE}/other",
        "/oauth/introspect",
        "/oauth/register",
        "/oauth/applications/",
        "/oauth/device",
        "/.well-known/openid-configuration",
    ],
)
async def test_there_is_nothing_else(anonymous: httpx.AsyncClient, address: str) -> None:
    for method in ("GET", "POST"):
        assert (await anonymous.request(method, address)).status_code in (403, 404, 405)


async def test_who_shows_nothing_is_told_where_to_get_a_token(anonymous: httpx.AsyncClient, galaxy: Galaxy) -> None:
    refused = await anonymous.get("/api/me")
    assert refused.status_code == 401
    where = f'resource_metadata="{galaxy.base_url}{RESOURCE}/api"'
    assert refused.headers["WWW-Authenticate"] == f'Bearer {where}, scope="profile:read"'
    changed = await anonymous.post("/api/conversations", json={})
    assert changed.headers["WWW-Authenticate"] == f'Bearer {where}, scope="chat:write"'


async def test_who_shows_too_little_is_told_what_is_missing(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    async with httpx.AsyncClient(base_url=app.base_url) as client:
        refused = await client.get("/api/conversations", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert refused.status_code == 403
    assert 'scope="chat:read", error="insufficient_scope"' in refused.headers["WWW-Authenticate"]


def test_the_door_of_mcp_can_say_the_same(galaxy: Galaxy) -> None:
    said = challenge.of(MCP, scopes=MCP.scopes)
    assert said.endswith(f'{RESOURCE}/mcp", scope="tools:list tools:call"')


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_mcp_says_where_its_tokens_come_from(
    anonymous: httpx.AsyncClient, galaxy: Galaxy, alice_client: Client, new_app: NewApp, alice: User, method: str
) -> None:
    for headers, error in (({}, ""), ({"Authorization": "Bearer x"}, "invalid_token"), (alice_client.headers, "")):
        told = await anonymous.request(method, "/mcp", headers=headers)
        assert told.status_code == 401
        challenge = told.headers["WWW-Authenticate"]
        assert f'resource_metadata="{galaxy.base_url}{RESOURCE}/mcp"' in challenge
        assert ("error=" in challenge) is bool(error)
        assert error in challenge
    token = (await connected(new_app("/mcp"), alice))["access_token"]
    shown = {"Authorization": f"Bearer {token}"}
    assert (await anonymous.request(method, "/mcp", headers=shown)).status_code == 404


async def test_the_pages_of_a_browser_app_may_fetch_its_tokens_and_no_others(
    anonymous: httpx.AsyncClient, new_app: NewApp, alice: User
) -> None:
    site = f"https://app-{uuid.uuid4().hex[:8]}.example"
    app = new_app(redirect_uris=[f"{site}/callback", "http://127.0.0.1:51234/callback"])
    tokens = await connected(app, alice)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": app.client_id}
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for origin, is_known in ((f"{site}.evil.example", False), ("https://evil.example", False), ("null", False), (site, True)):
        preflight = await anonymous.options("/oauth/token", headers=ask | {"Origin": origin})
        answer = await anonymous.post("/oauth/token", data=form, headers={"Origin": origin})
        for seen in (preflight, answer):
            assert seen.headers.get("Access-Control-Allow-Origin") == (origin if is_known else None), origin
            assert "Access-Control-Allow-Credentials" not in seen.headers
        assert preflight.status_code == 204
