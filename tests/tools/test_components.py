"""Buttons and forms that tools show: a press calls back as the person who did it, and names nothing that the tool did not."""

from typing import Any

import httpx
import pytest

from accounts.models import Grant, User
from tests.client import Client, Socket
from tests.stack import Galaxy
from tests.tools.conftest import effects


async def shown(socket: Socket) -> tuple[str, str]:
    """The chat, and the id of the buttons, of an answer that showed some."""
    accepted = await socket.ask('[[tool=show arguments="{}" text=Done.]]')
    frames = await socket.until_end(accepted["run_id"])
    chunks = [frame["chunk"]["data"] for frame in frames if frame["status"] == "chunk" and frame["chunk"]["type"] == "ui"]
    return accepted["conversation_id"], next(one["component_id"] for one in chunks if one["block"]["type"] == "buttons")


def is_buttons(frame: dict[str, Any]) -> bool:
    chunk = frame.get("chunk", {})
    return bool(chunk.get("type") == "ui" and chunk["data"]["block"]["type"] == "buttons")


async def used(socket: Socket, component: str, event: str, value: Any = None) -> dict[str, Any]:
    request_id = await socket.send("ui", {"component_id": component, "event": event, "value": value})
    while (frame := await socket.receive())["request_id"] != request_id:
        pass
    return frame


async def test_a_pressed_button_and_a_sent_form_call_their_tools(galaxy: Galaxy, alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        _, buttons = await shown(socket)
        pressed = await used(socket, buttons, "more")
        assert (pressed["status"], pressed["outcome"], pressed["text"]) == ("component", "succeeded", '{"total":580000}')
        form = buttons.rpartition("-")[0] + "-2"
        sent = await used(socket, form, "submit", {"room": "Blue", "seconds": 99})  # the form has no such field
        assert (sent["outcome"], sent["text"]) == ("succeeded", "Booked Blue.")
        assert effects(galaxy, sent["call_id"]) == 1
        wrong = await used(socket, form, "submit", {"room": ""})
        assert wrong["error"]["code"] == "bad_arguments"


async def test_what_cannot_be_undone_is_asked_after_the_press_and_decided_by_its_person_while_they_may_write(
    galaxy: Galaxy, alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    async with alice_client.socket() as socket:
        talk, buttons = await shown(socket)
        theirs = await used(socket, buttons, "open")
    grant = await Grant.objects.acreate(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=talk)
    async with bob_client.socket() as socket:
        his = await used(socket, buttons, "open")
    await grant.adelete()
    assert (theirs["outcome"], his["outcome"]) == ("waiting", "waiting")
    answers = {}
    for name, client in (("charlie", charlie_client), ("bob", bob_client), ("alice", alice_client), ("again", alice_client)):
        async with client.rest() as rest:
            for whose, call_id in (("hers", theirs["call_id"]), ("his", his["call_id"])):
                answer = await rest.post(f"/api/tool-calls/{call_id}/decision", json={"decision": "once"})
                answers[name, whose] = answer.status_code
    assert [key for key, status in answers.items() if status == httpx.codes.NO_CONTENT] == [("alice", "hers")]
    assert not [status for status in answers.values() if status >= httpx.codes.INTERNAL_SERVER_ERROR]
    assert [effects(galaxy, call["call_id"]) for call in (theirs, his)] == [1, 0]


async def test_a_button_can_be_pressed_as_soon_as_it_is_shown(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        await socket.ask('[[tool=show arguments="{}" text=Done.]]')
        while not is_buttons(frame := await socket.receive()):
            pass
        pressed = await used(socket, frame["chunk"]["data"]["component_id"], "more")
    assert pressed.get("outcome") == "succeeded", pressed


@pytest.mark.parametrize(("component", "event"), [("{id}", "less"), ("{id}x", "more"), ("x-0", "more"), ("", "more")])
async def test_what_a_tool_did_not_show_cannot_be_pressed(alice_client: Client, component: str, event: str) -> None:
    async with alice_client.socket() as socket:
        _, buttons = await shown(socket)
        refused = await used(socket, component.format(id=buttons), event)
    assert refused["error"]["code"] == "not_found"


async def test_a_press_needs_the_chat_and_the_tool(
    alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    async with alice_client.socket() as socket:
        talk, buttons = await shown(socket)
    for client in (bob_client, charlie_client):
        async with client.socket() as socket:
            assert (await used(socket, buttons, "more"))["error"]["code"] == "not_found"
    await Grant.objects.acreate(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=talk)
    await Grant.objects.acreate(tenant=alice.tenant, person=bob, effect="deny", action="use", kind="tool", target="add")
    async with bob_client.socket() as socket:
        assert (await used(socket, buttons, "more"))["error"]["code"] == "unknown_tool"
