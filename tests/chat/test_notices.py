"""Notices of changes: at once, on every connection of those whom a change concerns, socket or stream, and on no other."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings

from accounts import notices
from accounts.identity import tokens
from accounts.models import AccessToken, Grant, Group, User
from accounts.notices.pending import MOST
from accounts.storage.connections import in_database
from chat.models import Conversation
from tests.client import Client, Frame, Socket
from tests.stack import Galaxy

SOON = 30  # s, on a machine that is busy


async def until_told(socket: Socket, topic: str, **expected: Any) -> Frame:
    """The next notice of the topic that says this."""
    async with asyncio.timeout(SOON):
        while True:
            frame = await socket.receive(SOON, with_notices=True)
            told = {"id": None, "data": None} | frame
            if (frame.get("status"), frame.get("topic")) == ("notice", topic) and told | expected == told:
                return frame


async def heard(socket: Socket) -> list[Frame]:
    """Everything that came so far."""
    mark = await socket.send("ping")
    frames: list[Frame] = []
    while not frames or frames[-1].get("request_id") != mark:
        frames.append(await socket.receive(SOON, with_notices=True))
    return frames[:-1]


@asynccontextmanager
async def stream(client: Client) -> AsyncIterator[AsyncIterator[Frame]]:
    """The notices as server-sent events."""
    async with client.rest() as rest, rest.stream("GET", "/api/notices", timeout=SOON) as response:
        assert response.status_code == httpx.codes.OK
        lines = response.aiter_lines()
        assert await anext(lines) == ": alive"
        yield (json.loads(line[6:]) async for line in lines if line.startswith("data: "))


async def settled(who: Client) -> None:
    """Wait until a socket or stream that was just opened hears: its groups are joined meanwhile."""
    person = (await _me(who))["id"]
    async with who.socket() as probe:
        async with asyncio.timeout(SOON):
            while not any(frame.get("topic") == "me" for frame in await heard(probe)):
                await sync_to_async(notices.notify)(notices.person(person), "me")
                await asyncio.sleep(0.1)


async def _me(client: Client) -> dict[str, Any]:
    async with client.rest() as rest:
        me: dict[str, Any] = (await rest.get("/api/me")).json()
        return me


async def test_a_chat_is_told_of_to_its_reader_everywhere_and_to_no_stranger(
    alice_client: Client, bob_client: Client, charlie_client: Client, alice: User
) -> None:
    async with (
        alice_client.socket() as asking,
        alice_client.socket() as other,
        stream(alice_client) as streamed,
        bob_client.socket() as bob,
        charlie_client.socket() as charlie,
        stream(charlie_client) as strange,
    ):
        for client in (alice_client, bob_client, charlie_client):
            await settled(client)
        accepted = await asking.ask("[[tokens=3]]")
        chat, run = accepted["conversation_id"], accepted["run_id"]
        await until_told(other, "conversations", id=chat)
        queued = await until_told(other, "runs", id=run)
        assert queued["data"] == {"conversation_id": chat, "status": "queued"}
        assert "run_id" not in queued
        assert "seq" not in queued
        await until_told(other, "runs", id=run, data={"conversation_id": chat, "status": "complete"})
        async with alice_client.rest() as rest:
            await rest.patch(f"/api/conversations/{chat}", json={"title": "Of my illness"})
            await until_told(other, "conversations", id=chat)
            await rest.delete(f"/api/conversations/{chat}")
        await until_told(other, "conversations", id=chat)
        async with asyncio.timeout(SOON):
            told = [await anext(streamed) for _ in range(4)]
        assert {frame["topic"] for frame in told} <= {"runs", "conversations", "me"}
        assert any(frame.get("id") == run for frame in told)
        for stranger in (bob, charlie):
            assert not [frame for frame in await heard(stranger) if frame["topic"] not in ("me", "models")]
        await sync_to_async(notices.notify)(notices.everyone(), "devices")
        async with asyncio.timeout(SOON):
            while (frame := await anext(strange))["topic"] != "devices":
                assert frame["topic"] in ("me", "models")


async def test_who_is_given_a_chat_to_read_hears_of_it_until_it_is_taken_away(
    alice_client: Client, bob_client: Client, alice: User, bob: User
) -> None:
    group = await Group.objects.acreate(tenant=alice.tenant, name="Readers")
    chat = await Conversation.objects.acreate(tenant=alice.tenant, owner=alice, title="Shared")
    async with bob_client.socket() as theirs, alice_client.rest() as rest:
        await settled(bob_client)
        for_all = Grant(tenant=alice.tenant, action="read", kind="conversation", target=str(chat.pk))
        await in_database(for_all.save)
        await until_told(theirs, "conversations", id=None)
        await heard(theirs)
        await rest.patch(f"/api/conversations/{chat.pk}", json={"title": "For all"})
        await until_told(theirs, "conversations", id=None)
        await in_database(for_all.delete)
        shared = Grant(tenant=alice.tenant, group=group, action="read", kind="conversation", target=str(chat.pk))
        await in_database(shared.save)
        await in_database(partial(group.people.add, bob))
        await until_told(theirs, "me")
        await rest.patch(f"/api/conversations/{chat.pk}", json={"title": "Still shared"})
        await until_told(theirs, "conversations", id=str(chat.pk))
        denied = Grant(tenant=alice.tenant, person=bob, effect="deny", action="read", kind="conversation", target=str(chat.pk))
        await in_database(denied.save)
        await until_told(theirs, "conversations", id=None)  # the list lacks it now
        await heard(theirs)
        await rest.patch(f"/api/conversations/{chat.pk}", json={"title": "Mine again"})
        await settled(bob_client)
        assert not [frame for frame in await heard(theirs) if frame.get("id")]


async def test_a_token_that_may_not_read_hears_of_nothing(galaxy: Galaxy, alice_client: Client, alice: User) -> None:
    token, text = await sync_to_async(tokens.issue)(alice, "both", ["chat:read", "chat:write"], None)
    client = Client.with_token(galaxy.base_url, text)
    async with client.socket() as program, alice_client.socket() as page, stream(client) as streamed:
        await settled(alice_client)
        accepted = await page.ask("[[tokens=2]]")
        await until_told(program, "runs", data={"conversation_id": accepted["conversation_id"], "status": "complete"})
        await AccessToken.objects.filter(pk=token.pk).aupdate(scopes=["chat:write"])
        await in_database((await AccessToken.objects.aget(pk=token.pk)).save)
        async with asyncio.timeout(SOON):
            async for _ in streamed:
                pass  # it ends
        await heard(program)
        await page.ask("[[tokens=2]]")
        await until_told(page, "runs")
        assert await heard(program) == []


async def test_a_change_of_the_list_of_models_is_told_once(alice_client: Client, galaxy: Galaxy) -> None:
    file = Path(galaxy.data_dir) / "llms.yml"
    listed = file.read_text()
    async with alice_client.socket() as socket:
        await settled(alice_client)
        try:
            file.write_text(
                listed + '  - {name: "Told of", provider: openai, model_name: x, base_url: "http://127.0.0.1:9/v1"}\n'
            )
            await until_told(socket, "models")
        finally:
            file.write_text(listed)
        await until_told(socket, "models")
        await settled(alice_client)
        assert not [frame for frame in await heard(socket) if frame.get("topic") == "models"]


async def test_without_redis_nothing_waits_and_afterwards_notices_come_again(own_galaxy: Galaxy, own_client: Client) -> None:
    async with own_client.socket() as socket, own_client.rest() as rest:
        made = (await rest.post("/api/conversations", json={"title": "First"})).json()
        own_galaxy.kill("redis", signal.SIGSTOP)
        try:
            async with own_client.socket() as opened:  # a socket opens, too
                await opened.send("ping")
                assert (await opened.receive())["status"] == "pong"
            renamed = await rest.patch(f"/api/conversations/{made['id']}", json={"title": "Second"})
            assert renamed.status_code == httpx.codes.OK
        finally:
            own_galaxy.kill("redis")
        await own_galaxy.until_ready("redis")
        async with asyncio.timeout(60):
            while not any(frame.get("id") == made["id"] for frame in await heard(socket)):
                await rest.patch(f"/api/conversations/{made['id']}", json={"title": "Third"})
                await asyncio.sleep(0.2)


def test_a_flood_for_a_slow_client_takes_no_more_memory_than_a_few() -> None:
    pending = notices.Pending()
    for number in range(100_000):
        pending.add(notices.Notice("runs", str(number % 5000)))
        pending.add(notices.Notice("documents", "one", {"progress": number}))
    taken = pending.take()
    assert len(taken) <= MOST + 1
    assert taken[-1].data == {"progress": 99_999} or notices.Notice("documents") in taken
    assert {notice.topic for notice in taken} == {"runs", "documents"}
    assert pending.take() == []


async def test_many_streams_at_once_are_no_more_than_a_person_may_have(alice_client: Client) -> None:
    most, told = settings.OPEN_SOCKETS, list[bool]()
    limits, headers = httpx.Limits(max_connections=None), alice_client.headers

    async def ask(rest: httpx.AsyncClient) -> None:
        async with rest.stream("GET", "/api/notices") as answer:
            coming = answer.aiter_bytes()  # held: without it the stream is closed
            told.append(answer.is_success and bool(await anext(coming, b"")))
            while len(told) < most + 20:
                await asyncio.sleep(0.05)

    async with (
        httpx.AsyncClient(base_url=alice_client.base_url, headers=headers, limits=limits, timeout=60, verify=False) as rest,
        asyncio.timeout(90),
    ):
        await asyncio.gather(*(ask(rest) for _ in range(most + 20)))
    assert told.count(True) == most
