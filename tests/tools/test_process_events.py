"""Process events as clients see them: one of each of the seven types, compared with what is checked in (docs/protocol.md)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.stack import Galaxy
from tests.tools.following import until_asked

pytestmark = [pytest.mark.timeout(180)]

GOLDEN = Path(__file__).with_name("process_events.json")
KINDS = {
    "process_start", "tool_selection", "tool_execution", "thinking", "artifact_creation", "process_complete", "error",
}  # fmt: skip
WITH_TOOLS = '[[tool="wait&show" arguments="{\\"seconds\\":1}&&{}" text=Done.]]'
OTHERS = {"thoughts": "[[play=think_closed_only]]", "cut short": "[[tokens=20 finish=length]]", "failure": "[[fault=400]]"}


async def events_of(client: Client, question: str) -> list[dict[str, Any]]:
    """The process events of an answer, over the socket and as the stream of process events has them."""
    async with client.socket() as socket:
        accepted = await socket.ask(question)
        frames = await socket.until_end(accepted["run_id"])
    told = [frame["event"] for frame in frames if frame["status"] == "event"]
    assert told == await streamed(client, accepted["message_id"])
    return told


async def streamed(client: Client, message_id: str) -> list[dict[str, Any]]:
    async with client.rest() as rest:
        text = (await rest.get("/api/chat/sse", params={"messageId": message_id}, timeout=60)).text
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")][1:]


def steady(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with what is new each time replaced, in the order in which they came."""
    ids: dict[str, str] = {}
    shown = [json.loads(json.dumps(event), object_pairs_hook=lambda pairs: _steady(pairs, ids)) for event in events]
    return [event for event in shown if event["type"] != "thinking" or "metadata" in event["data"]]  # others tell of silence


def _steady(pairs: list[tuple[str, Any]], ids: dict[str, str]) -> dict[str, Any]:
    held = dict(pairs)
    for name in ("call_id", "artifact_id"):
        if name in held:
            held[name] = ids.setdefault(held[name], f"{name} {len(ids) + 1}")
    return held | {name: 0 for name in ("timestamp", "seconds") if name in held}


async def test_each_type_of_process_event_is_as_it_is_checked_in(alice_client: Client) -> None:
    came = {"tools": by_call(steady(await events_of(alice_client, WITH_TOOLS)))}
    for name, question in OTHERS.items():
        came[name] = steady(await events_of(alice_client, question))
    every = [event for events in came.values() for event in events]
    assert {event["type"] for event in every} == KINDS
    assert all(event["data"]["step"] <= event["data"]["totalSteps"] for event in every)
    assert json.dumps(came, indent=2, ensure_ascii=False) + "\n" == GOLDEN.read_text()


def by_call(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two calls run at once: the events of the first come first here. Of its progress, one event is enough."""
    whose = [event["data"].get("metadata", {}).get("call_id", "") for event in events]
    of_calls = sorted((one, number) for number, one in enumerate(whose) if one)
    order = iter([events[number] for _, number in of_calls])
    lined = [next(order) if one else event for one, event in zip(whose, events, strict=True)]
    return [one for one in lined if one["data"].get("progress") in (None, 0.0, 1.0)]


async def test_who_follows_the_process_events_learns_why_an_answer_was_cut_short(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        running = await socket.ask("[[tokens=4000 rate=40]]")
        while (await socket.receive())["status"] != "chunk":
            pass
        await socket.send("stop", {"run_id": running["run_id"]})
        await socket.until_end(running["run_id"])
        waiting = await socket.ask('[[tool=book arguments="{\\"room\\":\\"A\\"}" text=Done.]]')
        await until_asked(socket, waiting["run_id"])
        await socket.send("stop", {"run_id": waiting["run_id"]})
        frames = await socket.until_end(waiting["run_id"])
    assert [frame["seq"] for frame in frames] == list(range(frames[0]["seq"], frames[0]["seq"] + len(frames)))
    for message in (running["message_id"], waiting["message_id"]):
        last = (await streamed(alice_client, message))[-1]
        told = (last["type"], last["data"]["description"], last["data"]["metadata"])
        assert told == ("process_complete", "Stopped by a person", {"finish_reason": "stopped"})


async def test_a_stranger_follows_no_process_events(galaxy: Galaxy, alice_client: Client, charlie_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        await socket.until_end(accepted["run_id"])
    async with charlie_client.rest() as rest:
        answer = await rest.get("/api/chat/sse", params={"messageId": accepted["message_id"]})
    assert answer.status_code == 404
