"""The token endpoint: what gets a token, what ends a family of tokens, and what a token is good for."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts.models import AuditEntry, User
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import App, Browser, connected
from tests.client import Client

NEVER = httpx.codes.INTERNAL_SERVER_ERROR
EVERYTHING = "profile:read chat:read chat:write"


async def test_a_token_speaks_for_its_person(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    assert tokens["expires_in"] == 1800
    assert tokens["access_token"].startswith("gxy_oat_")
    assert (await app.me(tokens["access_token"])).json()["email"] == alice.email


async def test_it_opens_a_socket_within_its_scopes(app: App, alice: User) -> None:
    wide, narrow = await connected(app, alice, scope=EVERYTHING), await connected(app, alice)
    async with Client.with_token(app.base_url, wide["access_token"]).socket() as socket:
        accepted = await socket.ask("[[tokens=3]]")
        assert (await socket.until_end(accepted["run_id"]))[-1]["status"] == "complete"
    async with Client.with_token(app.base_url, narrow["access_token"]).socket() as socket:
        await socket.send("chat", {"text": "hello"})
        assert (await socket.receive())["error"]["code"] == "forbidden"


async def test_a_socket_lives_on_when_its_token_is_refreshed_with_the_new_one_s_rights(app: App, alice: User) -> None:
    first = await connected(app, alice, scope=EVERYTHING)
    async with Client.with_token(app.base_url, first["access_token"]).socket() as socket:
        accepted = await socket.ask("[[tokens=60 rate=20]]")
        second = (await app.refresh(first["refresh_token"])).json()
        assert (await app.me(first["access_token"])).status_code == 401
        assert (await socket.until_end(accepted["run_id"]))[-1]["status"] == "complete"
        again = await socket.ask("[[tokens=3]]", conversation_id=accepted["conversation_id"])
        assert (await socket.until_end(again["run_id"]))[-1]["status"] == "complete"
        third = (await app.refresh(second["refresh_token"], scope="chat:read")).json()
        await socket.send("chat", {"text": "hello"})
        assert (await socket.receive())["error"]["code"] == "forbidden"
        await app.revoke(third["refresh_token"])
        assert await socket.until_closed(within=20) == 4401


async def test_a_refreshed_token_s_socket_ends_with_the_time_of_its_own_token(app: App, alice: User) -> None:
    first = await connected(app, alice, scope=EVERYTHING)
    await AccessToken.objects.filter(user=alice).aupdate(expires=timezone.now() + timedelta(seconds=5))
    async with Client.with_token(app.base_url, first["access_token"]).socket() as socket:
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"
        await app.refresh(first["refresh_token"])
        assert await socket.until_closed(within=60) == 4401


async def test_a_token_for_another_resource_is_nobodys(new_app: NewApp, alice: User) -> None:
    app = new_app("/mcp")
    tokens = await connected(app, alice)
    refused = await app.me(tokens["access_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("resource", [[], ["/mcp"], ["/api/"], ["/ap"], [""], ["/api", "/mcp"]])
async def test_a_token_counts_at_exactly_its_resource(app: App, alice: User, resource: list[str]) -> None:
    tokens = await connected(app, alice)
    await AccessToken.objects.filter(user=alice).aupdate(resource=[app.base_url + path for path in resource])
    assert (await app.me(tokens["access_token"])).status_code == 401


async def test_a_token_opens_no_page_and_no_pages_door(app: App, alice: User) -> None:
    tokens = await connected(app, alice, scope=EVERYTHING)
    async with Client.with_token(app.base_url, tokens["access_token"]).rest() as rest:
        assert (await rest.get("/")).headers["location"].startswith("/sign-in")
        assert (await rest.get("/api/apps")).status_code == 403


async def test_a_token_ends_with_its_time(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    await AccessToken.objects.filter(user=alice).aupdate(expires=timezone.now())
    assert (await app.me(tokens["access_token"])).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_token_ends_with_its_time(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    await AccessToken.objects.filter(user=alice).aupdate(expires=timezone.now() - timedelta(days=30, seconds=1))
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_nothing_that_could_be_shown_is_kept(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    rows = [await model.objects.filter(user=alice).values_list().aget() for model in (AccessToken, RefreshToken)]
    kept = {value for row in rows for value in row if isinstance(value, str)}
    assert not {tokens["access_token"], tokens["refresh_token"]} & kept


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 50}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"resource": "https://evil.example/"}, "invalid_target"),
        ({"resource": "other"}, "invalid_target"),
        ({"code": "made up"}, "invalid_grant"),
    ],
)
async def test_a_code_is_good_for_what_it_was_given_for(
    app: App, browser: Browser, changes: dict[str, Any], error: str
) -> None:
    code = await browser.allow(app)
    changes = changes | ({"resource": f"{app.base_url}/mcp"} if changes.get("resource") == "other" else {})
    refused = await app.exchange(**{"code": code} | changes)
    assert refused.json()["error"] == error, refused.text
    assert refused.status_code in (400, 401)
    assert "no-store" in refused.headers["Cache-Control"]


async def test_a_code_of_one_app_is_nothing_to_another(new_app: NewApp, browser: Browser) -> None:
    mine, other = new_app(), new_app()
    code = await browser.allow(mine)
    await browser.allow(other)
    assert (await other.exchange(code, code_verifier=mine.verifier)).json()["error"] == "invalid_grant"
    assert (await mine.exchange(code)).status_code == 200


async def test_a_code_that_is_over_is_worth_nothing(app: App, browser: Browser) -> None:
    code = await browser.allow(app)
    await Grant.objects.filter(code=code).aupdate(expires=timezone.now())
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_code_that_is_shown_twice_ends_what_it_got(app: App, browser: Browser, alice: User) -> None:
    code = await browser.allow(app)
    tokens = (await app.exchange(code)).json()
    later = (await app.refresh(tokens["refresh_token"])).json()
    assert (await app.me(later["access_token"])).status_code == 200
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"
    assert (await app.me(later["access_token"])).status_code == 401
    assert (await app.refresh(later["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_refresh_token_that_is_shown_twice_ends_the_family_and_no_other(app: App, alice: User) -> None:
    family, other = await connected(app, alice), await connected(app, alice)
    second = (await app.refresh(family["refresh_token"])).json()
    third = (await app.refresh(second["refresh_token"])).json()
    assert (await app.me(family["access_token"])).status_code == 401
    assert (await app.refresh(family["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.me(third["access_token"])).status_code == 401
    assert (await app.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.me(other["access_token"])).status_code == 200


async def test_a_refresh_may_ask_for_less_and_never_for_more(app: App, alice: User) -> None:
    tokens = await connected(app, alice, scope=EVERYTHING)
    assert (await app.refresh(tokens["refresh_token"], scope="tools:call")).json()["error"] == "invalid_scope"
    less = (await app.refresh(tokens["refresh_token"], scope="chat:read")).json()
    assert less["scope"] == "chat:read"
    for resource in ("https://evil.example/", f"{app.base_url}/mcp"):
        assert (await app.refresh(less["refresh_token"], resource=resource)).json()["error"] == "invalid_target"
    assert (await app.refresh(less["refresh_token"], resource=app.resource)).status_code == 200


async def test_another_app_cannot_use_a_refresh_token(new_app: NewApp, alice: User) -> None:
    mine, other = new_app(), new_app()
    tokens = await connected(mine, alice)
    await connected(other, alice)
    assert (await other.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await mine.refresh(tokens["refresh_token"])).status_code == 200


async def test_five_at_once_get_one_token_at_most_and_never_an_error_of_ours(app: App, browser: Browser) -> None:
    for _ in range(3):
        code = await browser.allow(app)
        exchanged = await asyncio.gather(*(app.exchange(code) for _ in range(5)))
        assert sorted(one.status_code for one in exchanged) == [200, 400, 400, 400, 400]
        fresh = (await app.exchange(await browser.allow(app))).json()
        refreshed = await asyncio.gather(*(app.refresh(fresh["refresh_token"]) for _ in range(5)))
        assert sorted(one.status_code for one in refreshed) == [200, 400, 400, 400, 400]
        for one in (*exchanged, *refreshed):
            if one.status_code == 200:  # the others gave its family away
                assert (await app.me(one.json()["access_token"])).status_code == 401


async def test_an_old_token_beside_the_new_one_leaves_nothing_alive(app: App, alice: User) -> None:
    for _ in range(5):
        first = await connected(app, alice)
        second = (await app.refresh(first["refresh_token"])).json()
        replayed, refreshed = await asyncio.gather(app.refresh(first["refresh_token"]), app.refresh(second["refresh_token"]))
        assert replayed.status_code == 400
        if refreshed.status_code == 200:
            assert (await app.me(refreshed.json()["access_token"])).status_code == 401


async def test_a_suspended_persons_apps_do_nothing(app: App, browser: Browser, alice: User) -> None:
    tokens, code = await connected(app, alice), await browser.allow(app)
    await User.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert (await app.me(tokens["access_token"])).status_code == 401
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_an_app_gives_its_tokens_back(app: App, alice: User, kind: str) -> None:
    tokens = await connected(app, alice)
    assert (await app.revoke(tokens[kind], token_type_hint="nonsense")).status_code == 200
    assert (await app.me(tokens["access_token"])).status_code == 401
    assert (await app.refresh(tokens["refresh_token"])).status_code == 400


async def test_a_stranger_revokes_nothing_and_learns_nothing(new_app: NewApp, app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    other = new_app()
    await connected(other, alice)
    assert (await other.revoke(tokens["access_token"])).status_code == 200
    assert (await other.revoke("made up")).status_code == 200
    assert (await other.revoke(tokens["access_token"], client_id="nobody")).status_code == 401
    assert (await other.revoke(tokens["access_token"], client_id=None)).status_code == 401
    assert (await app.me(tokens["access_token"])).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"grant_type": "password", "username": "a", "password": "b"},
        {"grant_type": "client_credentials"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"grant_type": "authorization_code"},
        {"grant_type": "authorization_code", "code": "\x00"},
        {"grant_type": "authorization_code", "code": "x", "client_id": "\x00"},
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": "\x00"},
        {"grant_type": "refresh_token", "refresh_token": "\ud7ff" * 5000},
        {"grant_type": ["refresh_token", "authorization_code"]},
        {"\x00": "x"},
        {"token": "\x00"},
        {"token": ["a", "b"]},
        {"client_id": "https://127.0.0.1:1/app.json", "grant_type": "refresh_token", "refresh_token": "x"},
    ],
)
async def test_nonsense_is_the_clients_error(anonymous: httpx.AsyncClient, path: str, form: dict[str, Any]) -> None:
    assert 400 <= (await anonymous.post(path, data=form)).status_code < NEVER
    assert 400 <= (await anonymous.post(f"{path}?x=%zz", data=form)).status_code < NEVER
    assert 400 <= (await anonymous.post(path, json=form)).status_code < NEVER
    basic = {"Authorization": "Basic AA=="}
    assert 400 <= (await anonymous.post(path, data=form, headers=basic)).status_code < NEVER
    assert (await anonymous.get(path)).status_code == 405


async def test_only_codes_and_refresh_tokens_count_whatever_an_app_is_registered_for(app: App) -> None:
    made = await Application.objects.acreate(client_type="public", authorization_grant_type="client-credentials")
    refused = await app.post("/oauth/token", grant_type="client_credentials", client_id=made.client_id)
    assert refused.json()["error"] == "unsupported_grant_type"


async def test_the_audit_tells_all_of_it(app: App, browser: Browser, alice: User, settled: Any) -> None:
    await browser.press(app.asking(), "deny")
    code = await browser.allow(app)
    tokens = (await app.exchange(code)).json()
    await app.refresh(tokens["refresh_token"])
    await app.refresh(tokens["refresh_token"])
    await settled("app.token_reused", app.client_id)
    entries = [entry async for entry in AuditEntry.objects.filter(target=app.client_id).order_by("seq")]
    told = [(entry.action, entry.outcome, entry.via.partition(" ")[0]) for entry in entries]
    assert told == [
        ("app.registered", "ok", "session"),
        ("app.denied", "ok", "session"),
        ("app.allowed", "ok", "session"),
        ("app.token_issued", "ok", "oauth"),
        ("app.token_refreshed", "ok", "oauth"),
        ("app.token_reused", "refused", "oauth"),
    ]
    assert {str(entry.person) for entry in entries} == {str(alice.pk)}
    details = " ".join(str(entry.detail) for entry in entries)
    assert not [secret for secret in (code, tokens["access_token"], tokens["refresh_token"]) if secret in details]
