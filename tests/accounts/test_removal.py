"""Taking one's things along, and leaving: nothing is left, no one else loses anything, and the receipt proves it."""

import asyncio
import html
import io
import json
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest
import redis
from django.conf import settings

from accounts.identity import tokens
from accounts.models import AuditEntry, Budget, Grant, Group, Membership, SignInLink, User
from accounts.people import removal
from accounts.people.removal.receipt import is_genuine
from accounts.people.removal.removing import left_of
from accounts.storage.connections import in_database
from accounts.vault import store
from chat.log.stream import key_of
from chat.models import Conversation, Message, Run
from chat.parts import Text
from tests.client import Client
from tests.connected import let_in
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import PASSWORD, Visitor, recorded, with_password
from tools import calls
from tools.calling import artifacts
from tools.models import StandingApproval
from tools.specs import MadeFile

pytestmark = pytest.mark.usefixtures("fresh_count")


async def furnished(galaxy: Galaxy, person: User, visitor: Visitor) -> Client:
    """The person has one of everything; gives a client of theirs that is signed in."""
    await visitor.sign_in(person)
    await visitor.add_app()
    client = Client(galaxy.base_url, await in_database(session_of, person))
    async with client.socket() as socket, client.rest() as rest:
        accepted = await socket.ask("[[tokens=3]] my secret plan")
        await socket.until_end(accepted["run_id"])
        await rest.post("/api/tool-calls", json={"tool": "add", "arguments": {"a": 1, "b": 2}})

    def more() -> None:
        tokens.issue(person, "kitchen display", ["chat:read"], None)
        SignInLink.issue(person)
        group = Group.objects.create(tenant=person.tenant, name=f"Adults {person.pk}")
        Membership.objects.create(group=group, person=person)
        Grant.objects.create(tenant=person.tenant, person=person, action="use", kind="model")
        Budget.objects.create(tenant=person.tenant, person=person, measure="tokens", amount=1_000_000, period="month")
        store.put(person.tenant, "weather", "a key nobody may read", person)
        let_in(person, f"app-{person.pk}", "Desk helper", "chat:read")
        StandingApproval.objects.create(person=person, tool="book", definition="as it was")
        artifacts.store(calls.Caller(person=person, via="rest"), "call", [MadeFile("plan.txt", "text/plain", b"a plan")])

    await in_database(more)
    return client


def streams_of(person: User) -> list[bytes]:
    """The streams of the person's answers, in Redis."""
    return [key_of(run_id) for run_id in Run.objects.filter(person=person).values_list("pk", flat=True)]


def are_in_redis(keys: list[bytes]) -> int:
    """Number of these keys that Redis has."""
    return int(redis.Redis.from_url(settings.REDIS_URL).exists(*keys))


async def test_everything_is_in_the_archive_and_no_secret(galaxy: Galaxy, visitor: Visitor, alice_with_password: User) -> None:
    await furnished(galaxy, alice_with_password, visitor)
    assert (await visitor.get("/settings/data")).status_code == httpx.codes.OK
    answer = await visitor.form("/settings/data/export")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        held = {name: json.loads(packed.read(name)) for name in packed.namelist() if name.endswith(".json")}
        assert packed.read(held["artifacts.json"][0]["file"]) == b"a plan"
    assert {name for name, values in held.items() if not values} == set()
    parts = "profile ways-in visits tokens apps secrets rights budgets usage audit conversations"
    of_tools = "tool-calls tool-approvals artifacts"
    assert set(held) >= {f"{part}.json" for part in f"{parts} {of_tools}".split()}
    assert held["profile.json"][0]["email"] == alice_with_password.email
    (conversation,) = held["conversations.json"]
    assert [message["role"] for message in conversation["messages"]] == ["user", "assistant"]
    assert "my secret plan" in conversation["messages"][0]["text"]
    assert held["tokens.json"][0]["name"] == "kitchen display"
    assert held["apps.json"][0]["name"] == "Desk helper"
    assert held["secrets.json"][0]["name"] == "weather"
    assert held["budgets.json"] == [{"budget": "1,000,000 tokens a month", "on": "person"}]
    assert held["usage.json"][0]["model"] == "Stand-in"
    assert {one["kind"] for one in held["ways-in.json"]} == {"password", "totp", "recovery_codes"}
    whole = json.dumps(held)
    assert alice_with_password.password not in whole
    assert '"secret"' not in whole
    assert "seed" not in whole
    assert "a key nobody may read" not in whole


async def test_who_leaves_leaves_nothing_but_their_number(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User, bob: User, tmp_path: Path
) -> None:
    person = alice_with_password
    client = await furnished(galaxy, person, visitor)
    conversation = await in_database(Conversation.objects.create, owner=bob, tenant=bob.tenant)
    theirs = await in_database(Message.objects.create, conversation=conversation, role="user", parts=[Text("bob's")])
    streams = await in_database(streams_of, person)
    handed = f"handed-over:{person.pk}:call12345"
    await in_database(redis.Redis.from_url(settings.REDIS_URL).set, handed, "[]")
    assert await in_database(are_in_redis, streams) == 1
    assert (await visitor.form("/settings/data/remove", email=bob.email)).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    done = await visitor.form("/settings/data/remove", email=f" {person.email.upper()}")
    assert done.status_code == httpx.codes.OK, done.text
    assert "Your account has been removed" in done.text

    text = done.text.partition('aria-label="Receipt">')[2].partition("</pre>")[0].replace("&quot;", '"')
    receipt = await in_database(is_genuine, text)
    assert receipt
    assert (receipt.person, receipt.left, receipt.by) == (str(person.pk), {}, "the person")
    tables = (
        "accounts.User",
        "accounts.AccessToken",
        "accounts.Budget",
        "accounts.ConnectedApp",
        "accounts.Secret",
        "oauth2_provider.RefreshToken",
        "chat.Conversation",
        "chat.Message",
        "tools.ToolCall",
        "tools.StandingApproval",
        "tools.ArtifactVersion",
        "accounts.Session",
        "mfa.Authenticator",
    )
    for table in tables:
        assert receipt.removed[table] >= 1, table

    assert not await visitor.is_in()
    async with client.rest() as rest:
        assert (await rest.get("/api/me")).status_code == httpx.codes.UNAUTHORIZED
    assert (await visitor.sign_in(person)).status_code == httpx.codes.OK
    assert await in_database(left_of, person.pk) == {}
    assert await in_database(are_in_redis, [*streams, handed.encode()]) == 0
    assert await in_database(Message.objects.filter(pk=theirs.pk).exists)

    await recorded(person=str(person.pk), action="person.removed")
    assert not await in_database(AuditEntry.objects.filter(detail__contains=person.email).exists)

    file = tmp_path / "receipt.json"
    file.write_text(text)
    assert "genuine" in await asyncio.to_thread(galaxy.manage, "removal", "verify", str(file))
    file.write_text(text.replace('"chat.Message": ', '"chat.Message": 1'))
    with pytest.raises(subprocess.CalledProcessError):
        await asyncio.to_thread(galaxy.manage, "removal", "verify", str(file))


async def test_an_older_session_must_show_who_it_is_before_it_leaves(visitor: Visitor, alice_with_password: User) -> None:
    visitor.cookies.set("galaxy_session", await in_database(session_of, alice_with_password), domain="127.0.0.1")
    for path in ("export", "remove"):
        sent = await visitor.form(f"/settings/data/{path}", email=alice_with_password.email)
        assert sent.headers["location"].startswith("/sign-in/again")
    assert await visitor.is_in()
    assert (await visitor.form("/sign-in/again", password=PASSWORD)).status_code == httpx.codes.FOUND
    assert (await visitor.form("/settings/data/export")).status_code == httpx.codes.OK


def test_an_operator_removes_by_command(galaxy: Galaxy, bob: User, tmp_path: Path) -> None:
    galaxy.manage("removal", "export", bob.email, str(tmp_path / "bob.zip"))
    assert zipfile.is_zipfile(tmp_path / "bob.zip")
    galaxy.manage("removal", "remove", bob.email, str(tmp_path / "receipt.json"))
    receipt = is_genuine((tmp_path / "receipt.json").read_text())
    assert receipt
    assert receipt.by == "an operator"
    assert not User.objects.filter(pk=bob.pk).exists()


async def test_an_operator_removes_by_page_and_is_given_the_receipt(visitor: Visitor, alice: User, bob: User) -> None:
    await in_database(User.objects.filter(pk=alice.pk).update, is_staff=True)
    visitor.cookies.set("galaxy_session", await in_database(session_of, alice, is_fresh=True), domain="127.0.0.1")
    done = await visitor.form(f"/admin/accounts/user/{bob.pk}/delete/", post="yes")
    assert done.status_code == httpx.codes.FOUND, done.text
    page = html.unescape((await visitor.get("/admin/accounts/user/")).text)
    receipt = await in_database(is_genuine, page.partition("shown only once: ")[2].partition("\n}")[0] + "\n}")
    assert receipt
    assert (receipt.person, receipt.by, receipt.left) == (str(bob.pk), f"operator {alice.pk}", {})


def test_the_last_operator_stays(galaxy: Galaxy, alice: User) -> None:
    others = User.objects.filter(is_staff=True, is_active=True)
    kept = list(others.values_list("pk", flat=True))
    alice.is_staff = True
    alice.save()
    others.exclude(pk=alice.pk).update(is_active=False)
    try:
        with pytest.raises(removal.LastOperator):
            removal.remove(alice)
    finally:
        User.objects.filter(pk__in=kept).update(is_active=True)
    alice.refresh_from_db()
    assert alice.is_active


def test_somebody_with_the_same_name_later_is_somebody_else(galaxy: Galaxy, bob: User) -> None:
    removal.remove(bob)
    again = with_password(User.objects.create_user(bob.email, tenant=bob.tenant))
    assert again.pk != bob.pk
    assert not again.visits.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"signature": 3}', '{"signature": "x", "format": "galaxy removal receipt 1"}']
)
def test_what_is_no_receipt_is_not_genuine(text: str) -> None:
    assert is_genuine(text) is None
