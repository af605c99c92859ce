"""Tools and a person who takes their things along, or leaves: calls, approvals and files."""

import asyncio
import json
import zipfile
from typing import Any

import pytest

from accounts.models import Grant, User
from accounts.people import removal
from accounts.storage.connections import in_database
from tests.client import Client
from tests.tools.following import until_asked
from tools import calls
from tools.calls import Caller
from tools.models import Artifact, ArtifactVersion, StandingApproval, ToolCall

pytestmark = [pytest.mark.timeout(180)]

SHOW = '[[tool=show arguments="{}" text=Done.]]'
BOOK = '[[tool=book arguments="{\\"room\\":\\"Blue\\"}" text=Done.]]'


async def asked(client: Client, question: str, **payload: Any) -> dict[str, Any]:
    """The accepted frame of an answer that is over."""
    async with client.socket() as socket:
        accepted = await socket.ask(question, **payload)
        await socket.until_end(accepted["run_id"])
    return accepted


async def booked_always(client: Client) -> None:
    async with client.socket() as socket:
        accepted = await socket.ask(BOOK)
        call = (await until_asked(socket, accepted["run_id"]))[-1]["call_id"]
        await socket.send("approve", {"call_id": call, "decision": "always", "everywhere": True})
        await socket.until_end(accepted["run_id"])


async def shared(alice: User, bob: User, client: Client) -> str:
    """A chat of alice's in which bob may write."""
    chat: str = (await asked(client, "[[tokens=3]]"))["conversation_id"]
    await Grant.objects.acreate(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=chat)
    return chat


async def test_calls_approvals_and_files_are_in_the_archive(alice: User, alice_client: Client, bob_client: Client) -> None:
    await asked(alice_client, SHOW)
    await booked_always(alice_client)
    await asked(bob_client, SHOW)
    with zipfile.ZipFile(await in_database(removal.archive, alice)) as packed:
        names = packed.namelist()
        assert len(names) == len(set(names))
        held = {part: json.loads(packed.read(f"{part}.json")) for part in ("tool-calls", "tool-approvals", "artifacts")}
        files = {one["name"]: packed.read(one["file"]) for one in held["artifacts"]}
    assert [(call["tool"], call["state"], call["model"]) for call in held["tool-calls"]] == [
        ("show", "succeeded", "Stand-in"),
        ("book", "succeeded", "Stand-in"),
    ]
    assert held["tool-calls"][1]["arguments"] == {"room": "Blue"}
    assert [one["tool"] for one in held["tool-approvals"]] == ["book"]
    assert files["cities.csv"] == b"City,People\nBern,137000\n"
    assert set(files) == {"dot.png", "cities.csv"}


async def test_who_leaves_takes_their_own_along_and_leaves_anothers_chat_whole(
    alice: User, alice_client: Client, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    chat = await shared(alice, bob, alice_client)
    await asked(bob_client, SHOW, conversation_id=chat)
    mine = await asked(bob_client, SHOW)
    await booked_always(bob_client)
    async with bob_client.rest() as rest:
        assert (await rest.post("/api/tool-calls", json={"tool": "show", "arguments": {}})).status_code == 201
    receipt = await in_database(removal.remove, bob)
    assert receipt.left == {}
    assert receipt.removed["tools.ToolCall"] == 3  # of two chats of his own, and one outside any
    assert receipt.removed["tools.Artifact"] == 4
    assert not await StandingApproval.objects.filter(person=bob.pk).aexists()
    assert not await ToolCall.objects.filter(conversation=mine["conversation_id"]).aexists()
    assert not await Artifact.objects.filter(conversation=mine["conversation_id"]).aexists()
    kept = [call async for call in ToolCall.objects.filter(conversation=chat)]
    assert [(call.tool, call.person_id, call.token) for call in kept] == [("show", None, None)]
    version = await ArtifactVersion.objects.select_related("artifact").aget(artifact__conversation=chat, media_type="text/csv")
    address = f"/artifacts/{version.artifact_id}/{version.number}"
    async with alice_client.rest() as rest:
        assert (await rest.get(address)).content == b"City,People\nBern,137000\n"
    async with charlie_client.rest() as rest:
        assert (await rest.get(address)).status_code == 404


async def test_a_file_belongs_to_the_chat_that_it_was_made_in(
    alice: User, alice_client: Client, bob: User, bob_client: Client
) -> None:
    chat = await shared(alice, bob, alice_client)
    await asked(bob_client, SHOW, conversation_id=chat)
    made = await ArtifactVersion.objects.select_related("artifact").aget(artifact__conversation=chat, media_type="text/csv")
    address = f"/artifacts/{made.artifact_id}/{made.number}"
    async with alice_client.rest() as hers, bob_client.rest() as his:
        assert [(await rest.get(address)).status_code for rest in (hers, his)] == [200, 200]
        await Grant.objects.filter(person=bob, target=chat).adelete()
        assert [(await rest.get(address)).status_code for rest in (hers, his)] == [200, 404]
        assert (await hers.delete(f"/api/conversations/{chat}")).status_code == 204
        assert (await hers.get(address)).status_code == 404
    assert not await Artifact.objects.filter(conversation=chat).aexists()


async def test_who_leaves_takes_along_what_others_made_in_their_chat(
    alice: User, alice_client: Client, bob: User, bob_client: Client
) -> None:
    chat = await shared(alice, bob, alice_client)
    await asked(bob_client, SHOW, conversation_id=chat)
    await in_database(removal.remove, alice)
    assert not await ToolCall.objects.filter(conversation=chat).aexists()
    assert not await Artifact.objects.filter(conversation=chat).aexists()


async def test_a_call_of_somebody_who_leaves_meanwhile_holds_up_no_others(alice: User, bob: User) -> None:
    runs = asyncio.Event()
    caller = Caller(person=bob, via="rest", progress=lambda *_: runs.set())
    under_way = asyncio.create_task(calls.call(caller, "wait", {"seconds": 3}))
    await runs.wait()
    await in_database(removal.remove, bob)
    await under_way
    result = await calls.call(Caller(person=alice, via="rest"), "add", {"a": 1, "b": 2})
    async with asyncio.timeout(30):
        await calls.flush()
    assert await ToolCall.objects.filter(pk=result.call_id).aexists()
    assert not await ToolCall.objects.filter(pk=(await under_way).call_id).aexists()
