"""Reading needs `chat:read` at every door; `chat:write` alone asks, changes and stops, and is told of nothing."""

import asyncio

import httpx
import pytest
from asgiref.sync import sync_to_async

from accounts.identity import tokens
from accounts.models import User
from chat.models import Conversation, Run
from tests.client import Client
from tests.stack import Galaxy


@pytest.fixture
async def writer(galaxy: Galaxy, alice: User) -> Client:
    _, text = await sync_to_async(tokens.issue)(alice, "writer", ["chat:write"], None)
    return Client.with_token(galaxy.base_url, text)


async def test_a_socket_of_a_writer_accepts_and_streams_nothing(writer: Client) -> None:
    async with writer.socket() as socket:
        accepted = await socket.ask("[[tokens=3]]")
        async with asyncio.timeout(20):
            while await Run.objects.filter(pk=accepted["run_id"], status__in=Run.ACTIVE).aexists():
                await asyncio.sleep(0.05)
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"  # nothing came before it
        await socket.send("resume", {"run_id": accepted["run_id"]})
        assert (await socket.receive())["error"]["code"] == "forbidden"
        repeat = await socket.send("chat", {"text": "[[tokens=3]]"}, request_id="the same")
        assert (await socket.receive())["status"] == "accepted"
        await socket.send("chat", {"text": "[[tokens=3]]"}, request_id=repeat)
        await socket.send("ping")
        assert [(await socket.receive())["status"] for _ in range(2)] == ["accepted", "pong"]


async def test_who_may_only_write_from_now_on_reads_no_more_of_what_is_open(galaxy: Galaxy, alice: User) -> None:
    token, text = await sync_to_async(tokens.issue)(alice, "both", ["chat:read", "chat:write"], None)
    client = Client.with_token(galaxy.base_url, text)
    async with client.socket() as socket, client.rest() as rest:
        accepted = await socket.ask("[[tokens=3000 rate=20]]")
        async with rest.stream("GET", f"/api/runs/{accepted['run_id']}/events", timeout=60) as streamed:
            lines = streamed.aiter_lines()
            await anext(lines)
            token.scopes = ["chat:write"]
            await token.asave()
            assert (await socket.until_refused(accepted["run_id"], 30))[-1]["error"]["code"] == "not_found"
            async with asyncio.timeout(30):
                assert not [line for line in [line async for line in lines] if '"complete"' in line]
        await socket.send("stop", {"run_id": accepted["run_id"]})


async def test_rest_tells_a_writer_of_nothing_that_stands_there(writer: Client, alice: User) -> None:
    kept = await Conversation.objects.acreate(tenant=alice.tenant, owner=alice, title="Of my illness")
    async with writer.rest() as rest:
        started = await rest.post("/api/runs", json={"text": "[[tokens=900 rate=50]]"})
        run = f"/api/runs/{started.json()['run_id']}"
        changed = await rest.patch(f"/api/conversations/{kept.pk}", json={"model": "Stand-in"})
        stopped = await rest.post(f"{run}/stop")
        read = [run, f"{run}/events", f"/api/conversations/{kept.pk}", "/api/conversations", "/api/config", "/api/models"]
        read += [f"/api/conversations/{kept.pk}/messages", f"/api/conversations/{kept.pk}/runs"]
        read.append(f"/api/chat/sse?messageId={started.json()['message_id']}")
        statuses = {(await rest.get(address)).status_code for address in read}
    assert started.status_code == httpx.codes.CREATED
    assert (changed.status_code, changed.content) == (204, b"")
    assert (stopped.status_code, stopped.content) == (204, b"")
    assert statuses == {403}
