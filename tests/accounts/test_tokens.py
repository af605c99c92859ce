"""Personal access tokens: what they reach, and that nothing else does."""

from datetime import timedelta

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.identity import tokens
from accounts.models import AccessToken, User
from tests.client import Client
from tests.stack import Galaxy

ALL = ["profile:read", "chat:read", "chat:write"]
issue = sync_to_async(tokens.issue)


async def client_of(galaxy: Galaxy, person: User, *scopes: str) -> Client:
    _, text = await issue(person, "script", list(scopes), None)
    return Client.with_token(galaxy.base_url, text)


async def status(client: Client, method: str, address: str, **more: object) -> int:
    async with client.rest() as rest:
        return (await rest.request(method, address, **more)).status_code  # type: ignore[arg-type]


async def test_a_token_speaks_for_its_person_without_a_cookie(galaxy: Galaxy, alice: User) -> None:
    client = await client_of(galaxy, alice, *ALL)
    async with client.rest() as rest:
        assert (await rest.get("/api/me")).json()["email"] == alice.email
    async with client.socket() as socket:
        accepted = await socket.ask("[[tokens=3]]")
        assert (await socket.until_end(accepted["run_id"]))[-1]["status"] == "complete"


async def test_a_token_does_no_more_than_its_scopes(galaxy: Galaxy, alice: User) -> None:
    client = await client_of(galaxy, alice, "chat:read")
    assert await status(client, "GET", "/api/conversations") == 200
    assert await status(client, "POST", "/api/conversations", json={}) == 403
    assert await status(client, "GET", "/api/me") == 403
    async with client.socket() as socket:
        await socket.send("chat", {"text": "hello"})
        refused = await socket.receive()
    assert refused["error"]["code"] == "forbidden"
    assert "chat:write" in refused["error"]["message"]


async def test_a_token_opens_no_page(galaxy: Galaxy, alice: User) -> None:
    async with (await client_of(galaxy, alice, *ALL)).rest() as rest:
        assert (await rest.get("/")).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("how", ["revoked", "over", "suspended", "made up", "cut", "twice", "in another scheme"])
async def test_a_token_that_is_not_valid_is_nobody(galaxy: Galaxy, alice: User, how: str) -> None:
    token, text = await issue(alice, "script", ALL, timezone.now() + timedelta(days=1))
    client = Client.with_token(galaxy.base_url, text)
    assert await status(client, "GET", "/api/me") == 200
    headers: list[tuple[str, str]] = [("Authorization", f"Bearer {text}")]
    match how:
        case "revoked":
            assert await sync_to_async(tokens.revoke)(alice, token.pk)
        case "over":
            await AccessToken.objects.filter(pk=token.pk).aupdate(expires_at=timezone.now())
        case "suspended":
            await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
        case "made up":
            headers = [("Authorization", "Bearer gxy_pat_" + "a" * 43)]
        case "cut":
            headers = [("Authorization", f"Bearer {text[:-1]}")]
        case "twice":
            headers *= 2
        case "in another scheme":
            headers = [("Authorization", f"Token {text}")]
    async with httpx.AsyncClient(base_url=galaxy.base_url) as rest:
        assert (await rest.get("/api/me", headers=headers)).status_code == 401


async def test_a_wrong_token_is_not_saved_by_the_cookie_beside_it(galaxy: Galaxy, alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        assert (await rest.get("/api/me")).status_code == 200
        assert (await rest.get("/api/me", headers={"Authorization": "Bearer wrong"})).status_code == 401


async def test_a_socket_closes_when_its_token_is_revoked(galaxy: Galaxy, alice: User) -> None:
    token, text = await issue(alice, "script", ALL, None)
    async with Client.with_token(galaxy.base_url, text).socket() as socket:
        await socket.ask("[[tokens=900 rate=20]]")
        await sync_to_async(tokens.revoke)(alice, token.pk)
        assert await socket.until_closed() == 4401


def test_a_token_is_kept_as_a_digest_alone(alice: User) -> None:
    token, text = tokens.issue(alice, "script", ALL, None)
    kept = " ".join(str(value) for value in AccessToken.objects.filter(pk=token.pk).values_list()[0])
    assert text not in kept
    assert text.startswith(token.start)


@pytest.mark.parametrize(
    ("name", "scopes", "days"), [("", ALL, 1), ("x" * 81, ALL, 1), ("x", [], 1), ("x", ["admin"], 1), ("x", ALL, -1)]
)
def test_a_token_that_makes_no_sense_is_not_made(alice: User, name: str, scopes: list[str], days: int) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.issue(alice, name, scopes, timezone.now() + timedelta(days=days))


def test_nobody_revokes_somebody_elses(alice: User, bob: User) -> None:
    token, _ = tokens.issue(alice, "script", ALL, None)
    assert not tokens.revoke(bob, token.pk)
    assert tokens.of(alice).get() == token
    assert not tokens.of(bob).exists()
