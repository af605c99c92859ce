"""One running answer a person, unless a group says otherwise: true however many ask at once."""

import asyncio

import pytest
from asgiref.sync import sync_to_async

from accounts.models import Group, User
from chat.runs.concurrency import MOST_WAITING
from tests.client import Client
from tests.scripted import ScriptedRun, call


@pytest.fixture
def limited(alice: User) -> Group:
    group = Group.objects.create(tenant=alice.tenant, name="Limited", parallel_answers=2)
    group.people.add(alice)
    return group


async def ask(client: Client) -> int:
    async with client.rest() as rest:
        return (await rest.post("/api/runs", json={"text": "[[tokens=400 rate=20]]"})).status_code


async def test_no_more_answers_begin_than_may_run_at_once(alice_client: Client, limited: Group) -> None:
    statuses = await asyncio.gather(*(ask(alice_client) for _ in range(20)))
    assert sorted(statuses) == [201] * 2 + [429] * 18


async def test_one_who_has_too_many_is_told_when_to_try_again(alice_client: Client, limited: Group) -> None:
    limited.parallel_answers = 1
    await sync_to_async(limited.save)()
    async with alice_client.socket() as socket, alice_client.rest() as rest:
        accepted = await socket.ask("[[tokens=400 rate=20]]")
        refused = await rest.post("/api/runs", json={"text": "another"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        await socket.send("chat", {"text": "another"})
        while (frame := await socket.receive())["status"] != "error":
            pass
        assert (frame["error"]["code"], frame["error"]["retry_after"]) == ("too_many_answers", 5.0)
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
        assert (await rest.post("/api/runs", json={"text": "[[tokens=3]]"})).status_code == 201


def let_many_wait(person: User) -> None:
    for _ in range(MOST_WAITING):
        ScriptedRun(person).wait(call("aaaaaaaaa", "book"))


async def test_answers_that_wait_for_their_person_are_few_enough_to_run_when_all_are_decided(
    alice: User, alice_client: Client
) -> None:
    await sync_to_async(let_many_wait)(alice)
    async with alice_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "another"})
    assert refused.status_code == 429
    assert f"{MOST_WAITING} of your answers are waiting" in refused.json()["error"]["message"]
