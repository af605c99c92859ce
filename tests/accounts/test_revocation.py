"""A right that is taken away is gone within two seconds, also from what is open and from answers under way."""

import asyncio
import signal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import Grant, User
from chat.models import Run
from tests.client import Client, Socket
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import Visitor

SOON = 5.0  # Two seconds on a machine that is not busy with tests, and less than the ten after which everyone asks anyway.


async def asked(socket: Socket) -> dict[str, Any]:
    return await socket.ask("[[tokens=900 rate=20]]")


async def save(thing: Any, **fields: object) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    await sync_to_async(thing.save)()


async def test_a_suspended_person_loses_sockets_and_answers(galaxy: Galaxy, alice_client: Client, alice: User) -> None:
    async with alice_client.socket() as socket:
        accepted = await asked(socket)
        await save(alice, is_active=False)
        assert await socket.until_closed(SOON) == 4401
    async with asyncio.timeout(SOON):
        while (await Run.objects.aget(pk=accepted["run_id"])).is_open:
            await asyncio.sleep(0.05)
    await save(alice, is_active=True)
    again = Client(galaxy.base_url, await sync_to_async(session_of)(alice))
    frames = await again.events(accepted["run_id"])
    assert frames[-1]["error"]["code"] == "forbidden"


@pytest.mark.usefixtures("fresh_count")
async def test_who_is_suspended_and_let_in_again_signs_in_again(
    visitor: Visitor, alice_client: Client, bob_client: Client, alice_with_password: User
) -> None:
    await visitor.sign_in(alice_with_password)
    assert await visitor.is_in()
    await save(alice_with_password, is_active=False)
    await save(alice_with_password, is_active=True)
    assert not await visitor.is_in()
    async with alice_client.rest() as of_no_list, bob_client.rest() as other:
        assert (await of_no_list.get("/api/me")).status_code == 401
        assert (await other.get("/api/me")).status_code == 200
    await visitor.sign_in(alice_with_password)
    assert await visitor.is_in()


async def test_an_answer_ends_when_its_model_is_taken_away(alice_client: Client, alice: User) -> None:
    async with alice_client.socket() as socket:
        accepted = await asked(socket)
        await Grant.objects.acreate(
            tenant=alice.tenant, effect="deny", action="use", kind="model", target=accepted["model"], person=alice
        )
        frames = await socket.until_end(accepted["run_id"], seconds=SOON)
    assert frames[-1]["error"]["code"] == "forbidden"
    assert "may no longer use" in frames[-1]["error"]["message"]


async def test_an_answer_that_waited_while_its_model_was_taken_away_ends(
    galaxy: Galaxy, alice_client: Client, alice: User
) -> None:
    galaxy.kill("runner", signal.SIGSTOP)
    try:
        async with alice_client.socket() as socket:
            accepted = await asked(socket)
            denied = {"tenant": alice.tenant, "effect": "deny", "action": "use", "kind": "model", "person": alice}
            await Grant.objects.acreate(**denied, target=accepted["model"])
            galaxy.kill("runner", signal.SIGCONT)
            frames = await socket.until_end(accepted["run_id"], seconds=SOON)
    finally:
        galaxy.kill("runner", signal.SIGCONT)
    assert frames[-1]["error"]["code"] == "forbidden"


async def test_a_reader_who_may_read_no_more_gets_no_more(alice_client: Client, bob_client: Client, bob: User) -> None:
    async with alice_client.socket() as mine, bob_client.socket() as theirs:
        accepted = await asked(mine)
        shared = await Grant.objects.acreate(
            tenant=bob.tenant, action="read", kind="conversation", target=accepted["conversation_id"], person=bob
        )
        await theirs.send("resume", {"run_id": accepted["run_id"]})
        assert (await theirs.receive())["status"] == "accepted"
        await sync_to_async(shared.delete)()
        frames = await theirs.until_refused(accepted["run_id"], seconds=SOON)
        assert frames[-1]["error"]["code"] == "not_found"
        await mine.send("stop", {"run_id": accepted["run_id"]})
        assert (await mine.until_end(accepted["run_id"]))[-1]["finish_reason"] == "stopped"


async def test_an_event_stream_ends_with_the_right_to_read_it(alice_client: Client, bob_client: Client, bob: User) -> None:
    async with alice_client.socket() as mine:
        accepted = await asked(mine)
        shared = await Grant.objects.acreate(
            tenant=bob.tenant, action="read", kind="conversation", target=accepted["conversation_id"], person=bob
        )
        async with bob_client.rest() as rest, rest.stream("GET", f"/api/runs/{accepted['run_id']}/events") as response:
            lines = response.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            await sync_to_async(shared.delete)()
            rest_of_it = [line async for line in lines]
        assert not any('"status":"complete"' in line for line in rest_of_it)
        await mine.send("stop", {"run_id": accepted["run_id"]})
