"""A person who leaves: their open sockets and answers end, and what belongs to others stays."""

import asyncio
from uuid import UUID

import httpx
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from oauth2_provider.models import Application

from accounts.models import Grant, Usage, User
from accounts.people import removal
from accounts.people.removal.removing import left_of
from accounts.storage.connections import in_database
from tests.accounts.test_removal import are_in_redis, streams_of
from tests.client import Client
from tests.connected import let_in
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import Visitor, with_password

pytestmark = pytest.mark.usefixtures("fresh_count")


async def test_leaving_in_the_middle_of_an_answer(visitor: Visitor, alice_with_password: User) -> None:
    await visitor.sign_in(alice_with_password)
    client = Client(str(visitor.base_url).rstrip("/"), await in_database(session_of, alice_with_password))
    async with client.socket() as socket:
        await socket.ask("[[tokens=2000 rate=20]]")
        await asyncio.sleep(1)
        streams = await in_database(streams_of, alice_with_password)
        leaving = visitor.form("/settings/data/remove", email=alice_with_password.email)
        assert (await asyncio.gather(socket.until_closed(10), leaving))[0] == 4401
    async with asyncio.timeout(15):
        while await in_database(User.objects.filter(pk=alice_with_password.pk).exists):
            await asyncio.sleep(0.2)
    assert await in_database(left_of, alice_with_password.pk) == {}
    await asyncio.sleep(3)
    assert await in_database(are_in_redis, streams) == 0


def test_an_app_that_one_set_up_stays_for_the_others(alice: User, bob: User) -> None:
    app = let_in(bob, f"shared-{alice.pk}", "Shared", "chat:read", made_by=alice)
    removal.remove(alice)
    assert Application.objects.get(pk=app.pk).user is None
    assert bob.connected_apps.filter(application=app).exists()


def test_what_one_granted_and_spent_stays_under_nobody(alice: User, bob: User) -> None:
    grant = Grant.objects.create(tenant=alice.tenant, person=bob, action="use", kind="model", created_by=alice)
    usage = Usage.objects.create(pk=grant.pk, tenant=alice.tenant, person=alice, token=grant.pk, model="Stand-in", tokens=12)
    removal.remove(alice)
    grant.refresh_from_db()
    usage.refresh_from_db()
    assert (grant.person, grant.created_by) == (bob, None)
    assert (usage.person, usage.token, usage.tokens) == (None, None, 12)


def test_the_operators_history_forgets_the_name(alice: User, bob: User) -> None:
    kind = ContentType.objects.get_for_model(Grant)
    entry = LogEntry.objects.create(
        user=bob, content_type=kind, object_id="1", object_repr=f"{alice.email} may use models", action_flag=CHANGE
    )
    removal.remove(alice)
    entry.refresh_from_db()
    assert entry.object_repr == "a removed person"


async def test_the_last_operator_is_told_so_where_others_leave(visitor: Visitor, alice_with_password: User) -> None:
    def alone() -> list[UUID]:
        others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=alice_with_password.pk)
        kept = list(others.values_list("pk", flat=True))
        User.objects.filter(pk=alice_with_password.pk).update(is_staff=True)
        others.update(is_staff=False)
        return kept

    kept = await in_database(alone)
    try:
        await visitor.sign_in(alice_with_password)
        page = (await visitor.get("/settings/data")).text
        assert "You are the only operator" in page
        assert 'href="/admin/accounts/user/"' in page  # where another is made one
        assert "Remove my account for good" not in page
        refused = await visitor.form("/settings/data/remove", email=alice_with_password.email)
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert await visitor.is_in()
    finally:
        await in_database(User.objects.filter(pk__in=kept).update, is_staff=True)


async def test_a_session_in_which_another_person_is_coming_in_keeps_nobody_from_leaving(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User, bob: User
) -> None:
    await visitor.sign_in(await in_database(with_password, bob))
    await visitor.add_app()
    visitor.cookies.clear()
    assert (await visitor.sign_in(bob)).headers["location"] == "/sign-in/code"
    async with Visitor(galaxy.base_url) as leaver:
        await leaver.sign_in(alice_with_password)
        gone = await leaver.form("/settings/data/remove", email=alice_with_password.email)
    assert gone.status_code == httpx.codes.OK, gone.text
    assert (await visitor.get("/sign-in/code")).status_code == httpx.codes.OK
