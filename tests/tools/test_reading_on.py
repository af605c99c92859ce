"""Results that are too long for a model: it is told how to read on, and reads its own chat's alone."""

import json
from typing import Any

import pytest

from accounts.models import Grant, User
from tests.client import Client
from tests.tools.following import told
from tests.tools.test_doors import call

pytestmark = [pytest.mark.timeout(180)]

MOST = 9_000  # numbers: some 110,000 characters


def using(tool: str, **arguments: Any) -> str:
    """A question at which the stand-in calls the tool."""
    escaped = json.dumps(arguments).replace('"', '\\"')
    return f'[[tool={tool} arguments="{escaped}" text=Done.]]'


async def results(client: Client, question: str, **payload: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The accepted frame, and the parts of the answer that hold results, as the model read them."""
    async with client.socket() as socket:
        accepted = await socket.ask(question, **payload)
        await socket.until_end(accepted["run_id"])
    async with client.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    return accepted, [part for part in messages[-1]["parts"] if part["type"] == "tool_result"]


async def test_a_model_reads_on_in_a_result_that_was_cut(alice_client: Client) -> None:
    chat, (cut,) = await results(alice_client, using("numbers", most=MOST))
    assert cut["truncated"]
    assert f'call_id "{cut["call"]}" and offset 14400' in cut["text"]
    assert cut["text"].endswith(f"number {MOST}")
    ask = using("read_result", call_id=cut["call"], offset=14_400, length=1_000)
    _, (part,) = await results(alice_client, ask, conversation_id=chat["conversation_id"])
    whole = "\n".join(f"number {number}" for number in range(1, MOST + 1))
    assert whole[14_400:15_400] in part["text"]
    assert f"[Characters 14,400 to 15,400 of {len(whole):,}]" in part["text"]
    assert "offset 15400" in part["text"]
    _, (beyond,) = await results(
        alice_client, using("read_result", call_id=cut["call"], offset=200_000), conversation_id=chat["conversation_id"]
    )
    assert "there is nothing at 200,000" in beyond["text"]


async def test_a_result_of_another_chat_or_person_cannot_be_read(
    alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    chat, (cut,) = await results(alice_client, using("numbers", most=MOST))
    ask = using("read_result", call_id=cut["call"])
    await Grant.objects.acreate(
        tenant=alice.tenant, person=bob, action="write", kind="conversation", target=chat["conversation_id"]
    )
    tried = [
        await results(alice_client, ask),  # in another chat of her own
        await results(bob_client, ask, conversation_id=chat["conversation_id"]),  # who may write there
        await results(charlie_client, ask),
    ]
    for _, (result,) in tried:
        assert "You have no call" in result["text"]
        assert "number 1" not in result["text"]
    for client in (alice_client, charlie_client):
        came = (await call(client, "read_result", call_id=cut["call"])).json()
        assert came["state"] == "failed"


async def test_who_may_not_read_on_is_not_told_to(alice: User, alice_client: Client) -> None:
    grant = {"effect": "deny", "action": "use", "kind": "tool", "target": "read_result"}
    await Grant.objects.acreate(tenant=alice.tenant, person=alice, **grant)
    _, (cut,) = await results(alice_client, using("numbers", most=MOST))
    assert "characters are left out here.]" in cut["text"]


async def test_the_event_of_a_cut_result_is_short(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(using("numbers", most=MOST))
        frames = await socket.until_end(accepted["run_id"])
    assert len(told(frames, "tool_execution")[-1]["metadata"]["text"]) == 2_000
