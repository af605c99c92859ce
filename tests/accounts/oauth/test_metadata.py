"""What clients read to find their way, and what a door says to those without a fitting token."""

import httpx
import pytest

from accounts.models import User
from accounts.oauth import challenge
from accounts.oauth.resources import MCP
from tests.accounts.oauth.steps import App, connected
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
