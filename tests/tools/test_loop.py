"""The loop from model to tools to model, through a socket: approvals, repairs, errors, and what tools make."""

from typing import Any

import pytest

from accounts.models import Grant, User
from tests.client import Client
from tests.stack import Galaxy
from tests.tools.conftest import effects
from tests.tools.following import states, told, until_asked
from tools.models import StandingApproval, ToolSetting

pytestmark = [pytest.mark.timeout(180)]


async def test_a_call_that_changes_something_waits_and_runs_once_with_the_edited_arguments(
    galaxy: Galaxy, alice_client: Client
) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask('[[tool=book arguments="{\\"room\\":\\"A\\"}" text=Done.]]')
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        assert (asked["tool"], asked["arguments"]) == ("book", {"room": "A"})
        assert effects(galaxy, asked["call_id"]) == 0
        decision = {"call_id": asked["call_id"], "decision": "once", "arguments": {"room": "B"}}
        await socket.send("approve", decision)
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete"
    assert ("book", "succeeded") in states(frames)
    shown = told(frames, "tool_execution")[-1]["metadata"]["text"]
    assert "changed the arguments" in shown
    assert "Booked B." in shown
    assert effects(galaxy, asked["call_id"]) == 1


async def test_always_asks_no_more_in_this_chat_and_a_denial_reaches_the_model(alice_client: Client) -> None:
    ask = '[[tool=book arguments="{\\"room\\":\\"A\\"}" text=Done.]]'
    async with alice_client.socket() as socket:
        first = await socket.ask(ask)
        asked = (await until_asked(socket, first["run_id"]))[-1]
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "always"})
        await socket.until_end(first["run_id"])
        again = await socket.ask(ask, conversation_id=first["conversation_id"])
        frames = await socket.until_end(again["run_id"])
        assert (frames[-1]["status"], states(frames)[-1]) == ("complete", ("book", "succeeded"))
        other = await socket.ask(ask)
        asked = (await until_asked(socket, other["run_id"]))[-1]
        await socket.send("approve", {"call_id": asked["call_id"], "decision": "deny", "words": "Too early."})
        frames = await socket.until_end(other["run_id"])
    assert states(frames)[-1] == ("book", "denied")
    assert "Too early." in told(frames, "tool_execution")[-1]["metadata"]["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("Add", '{"a":"2","b":3}', '{"total":5}'),  # another case, a number as text
        ("add", '{"a":2}', '"b" is a required property'),
        ("nothing", "{}", "There is no tool called nothing"),
        ("add", '{"a":' * 300 + "1" + "}" * 300, "values in one another"),
        ("fail", '{"how":"clean"}', "out of paper"),
        ("fail", '{"how":"dirty"}', "failed because of a defect"),
    ],
)
async def test_slightly_wrong_calls_are_repaired_and_errors_are_clean(
    alice_client: Client, tool: str, arguments: str, expected: str
) -> None:
    escaped = arguments.replace('"', '\\"')
    async with alice_client.socket() as socket:
        accepted = await socket.ask(f'[[tool={tool} arguments="{escaped}" text=Done.]]')
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete"
    assert expected in told(frames, "tool_execution")[-1]["metadata"]["text"]
    assert "secret detail" not in str(frames)


async def test_tables_and_files_reach_the_page_and_the_message(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask('[[tool=show arguments="{}" text=Done.]]')
        frames = await socket.until_end(accepted["run_id"])
    shown = [frame["chunk"] for frame in frames if frame["status"] == "chunk" and frame["chunk"]["type"] == "ui"]
    assert [chunk["data"]["block"]["type"] for chunk in shown] == ["table", "buttons", "form"]
    made = told(frames, "artifact_creation")
    assert [data["metadata"]["name"] for data in made] == ["dot.png", "cities.csv"]
    assert [artifact["name"] for artifact in frames[-1]["artifacts"]] == ["dot.png", "cities.csv"]


async def test_a_model_that_repeats_itself_is_told_and_then_ended(alice_client: Client) -> None:
    calls = ";".join(["add"] * 12)
    async with alice_client.socket() as socket:
        accepted = await socket.ask(f'[[tool="{calls}" arguments="{{\\"a\\":1,\\"b\\":2}}" text=Done.]]')
        frames = await socket.until_end(accepted["run_id"])
    assert (frames[-1]["status"], frames[-1]["error"]["code"]) == ("error", "model_refused")
    assert "again and again" in frames[-1]["error"]["message"]
    assert len([state for state in states(frames) if state == ("add", "succeeded")]) == 4


async def test_a_second_person_allows_a_critical_call_where_the_operator_wants_it(
    galaxy: Galaxy, alice: User, alice_client: Client, bob: User, bob_client: Client
) -> None:
    await ToolSetting.objects.acreate(tenant=alice.tenant, tool="unlock", by_another=True)
    async with alice_client.socket() as socket:
        accepted = await socket.ask('[[tool=unlock arguments="{\\"door\\":\\"front\\"}" text=Done.]]')
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        path, once = f"/api/tool-calls/{asked['call_id']}/decision", {"decision": "once"}
        talk = accepted["conversation_id"]
        await Grant.objects.acreate(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=talk)
        async with alice_client.rest() as rest:
            assert (await rest.post(path, json=once)).status_code == 403
        async with bob_client.rest() as rest:
            assert (await rest.post(path, json=once)).status_code == 204
        frames = await socket.until_end(accepted["run_id"])
    assert states(frames)[-1] == ("unlock", "succeeded")
    assert effects(galaxy, asked["call_id"]) == 1


@pytest.mark.parametrize(
    "beyond",
    [
        {"decision": "always", "everywhere": True},
        {"decision": "always"},
        {"decision": "once", "arguments": {"room": "B"}},
    ],
)
async def test_only_who_asked_changes_a_call_or_allows_its_tool_for_good(
    galaxy: Galaxy, alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client, beyond: Any
) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask('[[tool=book arguments="{\\"room\\":\\"A\\"}" text=Done.]]')
        asked = (await until_asked(socket, accepted["run_id"]))[-1]
        path, talk = f"/api/tool-calls/{asked['call_id']}/decision", accepted["conversation_id"]
        await Grant.objects.acreate(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=talk)
        async with charlie_client.rest() as rest:
            assert (await rest.post(path, json=beyond)).status_code == 404
        async with bob_client.rest() as rest:
            refused = await rest.post(path, json=beyond)
            page = (await rest.get(f"/c/{talk}/approvals")).text
            assert (refused.status_code, "the person who asked" in refused.text) == (403, True)
            assert (await rest.post(path, json={"decision": "once"})).status_code == 204
        frames = await socket.until_end(accepted["run_id"])
    assert "Allow once" in page
    assert "Always in this chat" not in page
    assert "data-argument=" not in page
    assert "Booked A." in told(frames, "tool_execution")[-1]["metadata"]["text"]
    assert not await StandingApproval.objects.filter(person__in=(alice, bob)).aexists()
    assert effects(galaxy, asked["call_id"]) == 1


async def test_of_two_calls_one_is_always_allowed_and_the_other_once_and_both_run(galaxy: Galaxy, alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask('[[tool="book&book" arguments="{\\"room\\":\\"A\\"}&&{\\"room\\":\\"B\\"}" text=Done.]]')
        first = (await until_asked(socket, accepted["run_id"]))[-1]["call_id"]
        second = (await until_asked(socket, accepted["run_id"]))[-1]["call_id"]
        await socket.send("approve", {"call_id": first, "decision": "always"})
        await socket.send("approve", {"call_id": second, "decision": "once"})
        frames = await socket.until_end(accepted["run_id"])
    assert states(frames)[-2:] == [("book", "succeeded")] * 2
    assert [effects(galaxy, call) for call in (first, second)] == [1, 1]
