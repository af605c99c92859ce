"""Connected apps: everyone sees and sends away their own, and what is sent away is gone at once."""

import asyncio
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts.doors import tasks
from accounts.identity import tokens
from accounts.models import ConnectedApp, User
from accounts.oauth import connected_apps as apps
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import App, Browser, connected
from tests.client import Client

CSRF = "c" * 32


async def listed(client: Client) -> list[dict[str, object]]:
    async with client.rest() as rest:
        found: list[dict[str, object]] = (await rest.get("/api/apps")).json()
    return found


async def disconnect(client: Client, client_id: str) -> int:
    async with client.rest() as rest:
        return (await rest.delete("/api/apps", params={"client_id": client_id})).status_code


async def test_one_sees_what_one_let_in(alice_client: Client, new_app: NewApp, alice: User) -> None:
    assert await listed(alice_client) == []
    app = new_app(client_name="Desk helper")
    got = await connected(app, alice, scope="profile:read chat:read")
    await connected(new_app("/mcp"), alice)
    other, mine = await listed(alice_client)
    assert (mine["client_id"], mine["name"], mine["host"]) == (app.client_id, "Desk helper", app.client_id.split("/")[2])
    assert (mine["scopes"], mine["resources"]) == (["chat:read", "profile:read"], [app.resource])
    assert mine["last_used_at"] is None
    assert other["resources"] == [f"{app.base_url}/mcp"]
    await app.me(got["access_token"])
    assert (await listed(alice_client))[1]["last_used_at"]


async def test_nobody_sees_or_ends_somebody_elses(bob_client: Client, charlie_client: Client, app: App, alice: User) -> None:
    got = await connected(app, alice)
    for client in (bob_client, charlie_client):
        assert await listed(client) == []
        assert await disconnect(client, app.client_id) == 404
    assert (await app.me(got["access_token"])).status_code == 200


async def test_a_disconnected_app_does_nothing_more(alice_client: Client, browser: Browser, app: App, alice: User) -> None:
    first, second, code = await connected(app, alice), await connected(app, alice), await browser.allow(app)
    assert await disconnect(alice_client, app.client_id) == 204
    for got in (first, second):
        assert (await app.me(got["access_token"])).status_code == 401
        assert (await app.refresh(got["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"
    assert await listed(alice_client) == []
    assert await disconnect(alice_client, app.client_id) == 404
    assert (await app.me((await connected(app, alice))["access_token"])).status_code == 200


async def test_one_persons_no_is_not_anothers(alice_client: Client, app: App, alice: User, bob: User) -> None:
    await connected(app, alice)
    theirs = await connected(app, bob)
    assert await disconnect(alice_client, app.client_id) == 204
    assert (await app.me(theirs["access_token"])).status_code == 200


async def test_its_sockets_close_within_two_seconds(alice_client: Client, app: App, alice: User) -> None:
    got = await connected(app, alice, scope="chat:read chat:write")
    async with Client.with_token(app.base_url, got["access_token"]).socket() as socket:
        await socket.ask("[[tokens=900 rate=20]]")
        assert await disconnect(alice_client, app.client_id) == 204
        assert await socket.until_closed() == 4401


async def test_disconnecting_while_it_refreshes_leaves_nothing_alive(app: App, alice: User) -> None:
    for _ in range(5):
        got = await connected(app, alice)
        _, refreshed = await asyncio.gather(sync_to_async(apps.revoke)(alice, app.client_id), app.refresh(got["refresh_token"]))
        assert refreshed.status_code in (200, 400)
        if refreshed.status_code == 200:
            assert (await app.me(refreshed.json()["access_token"])).status_code == 401
        assert not await RefreshToken.objects.filter(user=alice, revoked=None).aexists()


async def test_it_takes_a_person_and_the_page_they_are_on(app: App, alice: User, alice_client: Client) -> None:
    await connected(app, alice)
    _, text = await sync_to_async(tokens.issue)(alice, "script", ["profile:read"], None)
    assert await disconnect(Client.with_token(app.base_url, text), app.client_id) == 403
    async with alice_client.rest() as rest:
        del rest.headers["X-CSRFToken"]
        assert (await rest.delete("/api/apps", params={"client_id": app.client_id})).status_code == 403
        for odd in ("\x00", "x" * 5000, ""):
            address = "/api/apps"
            assert (await rest.delete(address, params={"client_id": odd}, headers=alice_client.headers)).status_code < 500


async def test_the_operator_vouches_for_an_app_that_they_set_up(galaxy: object, app: App, alice: User) -> None:
    made = await Application.objects.acreate(
        name="Own script", client_type="public", authorization_grant_type="authorization-code", redirect_uris=app.callback
    )
    own = App(app.base_url, made.client_id)
    await connected(own, alice)
    (mine,) = await sync_to_async(apps.of)(alice)
    assert (mine.name, mine.host) == ("Own script", "the operator of this server")


async def test_what_is_over_is_forgotten(new_app: NewApp, alice: User, browser: Browser) -> None:
    kept, over = new_app(), new_app()
    await connected(kept, alice)
    await connected(over, alice)
    await browser.allow(over)
    long_ago = timezone.now() - timedelta(days=40)
    theirs = {"user": alice, "application__client_id": over.client_id}
    await AccessToken.objects.filter(**theirs).aupdate(expires=long_ago)
    await Grant.objects.filter(**theirs).aupdate(expires=long_ago)
    await ConnectedApp.objects.filter(person=alice).aupdate(created_at=long_ago)
    await Application.objects.filter(client_id__in=(kept.client_id, over.client_id)).aupdate(updated=long_ago)
    assert [app.client_id for app in await sync_to_async(apps.of)(alice)] == [kept.client_id]
    await sync_to_async(tasks.forget_apps)()
    assert [row.client_id async for row in Application.objects.filter(updated=long_ago)] == [kept.client_id]
    assert await RefreshToken.objects.filter(user=alice).acount() == 1
