"""Every client ends with the same events, however often its socket was cut and whenever it came."""

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest
from django.utils import timezone

from accounts.storage.connections import in_database
from chat.delivery import hub
from chat.log import rows
from chat.log.claims import Claim
from chat.log.lines import Line
from chat.log.log_buffer import Entry
from chat.log.tail import Sealed
from chat.models import Message, Run, RunEvent, RunStep
from chat.parts import Artifact, Citation, Text
from chat.runs import end_run
from chat.runs.end_run import Ending
from tests.client import Client, Frame, Socket, bare, numbers, text_of

ANSWERS = 100
TOGETHER = 10


async def test_a_hundred_answers_with_cut_sockets_and_late_clients_are_the_same_for_all(alice_client: Client) -> None:
    chance = random.Random(7)
    limit = asyncio.Semaphore(TOGETHER)

    async def one(number: int) -> None:
        async with limit:
            async with alice_client.socket() as socket:
                run_id = (await socket.ask(f"{number} [[tokens={chance.randint(20, 120)} rate=100]]"))["run_id"]
            wait = chance.uniform(0, 1.2)
            cut = alice_client.insist(run_id, cut=lambda: chance.randint(1, 25))
            first, second, over_sse = await asyncio.gather(cut, _later(wait, alice_client, run_id), alice_client.events(run_id))
            assert numbers(first) == list(range(1, len(first) + 1))
            assert first[-1]["status"] == "complete"
            assert bare(first) == bare(second) == bare(over_sse)
            assert bare(await alice_client.events(run_id)) == bare(first)

    async with asyncio.TaskGroup() as tasks:
        for number in range(ANSWERS):
            tasks.create_task(one(number))


async def _later(seconds: float, client: Client, run_id: str) -> list[dict[str, object]]:
    await asyncio.sleep(seconds)
    return await client.insist(run_id)


async def test_resume_after_a_number_gives_only_what_follows(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=20]]")
        frames = [accepted, *await socket.until_end(accepted["run_id"])]
        await socket.send("resume", {"run_id": accepted["run_id"], "after": 5})
        assert bare(await socket.until_end(accepted["run_id"])) == bare(frames[5:])


async def test_who_claims_to_have_seen_more_than_there_is_hinders_nobody(alice_client: Client) -> None:
    async with alice_client.socket() as asking:
        run_id = (await asking.ask("[[tokens=150 rate=50]]"))["run_id"]
        asking.connection.transport.abort()  # the next who follows is the first
    async with alice_client.socket() as boasting, alice_client.socket() as late:
        await boasting.send("resume", {"run_id": run_id, "after": 10**9})
        await asyncio.sleep(0.3)
        await late.send("resume", {"run_id": run_id, "after": 0})
        frames = await late.until_end(run_id)
    ended = (await Run.objects.aget(pk=run_id)).ended_at
    assert numbers(frames) == list(range(1, len(frames) + 1))
    assert ended
    assert (timezone.now() - ended).total_seconds() < hub.SILENCE_SECONDS / 2


async def test_a_long_log_is_read_in_parts_that_leave_nothing_out(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=60 rate=40]]")
        frames = [accepted, *await socket.until_end(accepted["run_id"])]
    whole = await in_database(rows.lines_after, accepted["run_id"], 0, most=None)
    read: list[Line] = []
    parts = 0
    while part := await in_database(rows.lines_after, accepted["run_id"], read[-1].seq if read else 0, most=1_000):
        read += part
        parts += 1
    assert read == whole
    assert [line.seq for line in whole] == numbers(frames)
    assert parts > 1


async def test_an_event_stream_resumes_after_the_last_event_id(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=20]]")
        frames = [accepted, *await socket.until_end(accepted["run_id"])]
    assert bare(await alice_client.events(accepted["run_id"], last_event_id=4)) == bare(frames[4:])


async def test_an_event_stream_answers_at_once_and_every_block_of_it_is_an_event_or_a_comment(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        run_id = (await socket.ask("[[tokens=200 rate=20]]"))["run_id"]
    address = f"/api/runs/{run_id}/events"
    async with alice_client.rest() as rest:
        async with rest.stream("GET", address) as stream:
            first = await anext(stream.aiter_text())
        async with rest.stream("GET", address, headers={"Last-Event-ID": "900000"}) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            beyond = await anext(stream.aiter_text())
            state = (await rest.get(f"/api/runs/{run_id}")).json()["status"]
        await rest.post(f"/api/runs/{run_id}/stop")
    assert first.startswith("retry: 1000\nid: 1\ndata: {")
    assert beyond == ": alive\n\n"
    assert state in ("queued", "running")


async def test_resuming_at_the_end_gives_the_last_event_again(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        last = (await socket.until_end(accepted["run_id"]))[-1]
        await socket.send("resume", {"run_id": accepted["run_id"], "after": last["seq"]})
        assert bare(await socket.until_end(accepted["run_id"])) == bare([last])


async def test_an_event_stream_that_has_ended_tells_its_client_to_ask_no_more(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        last = (await socket.until_end(accepted["run_id"]))[-1]
    addresses = (f"/api/runs/{accepted['run_id']}/events", f"/api/chat/sse?messageId={accepted['message_id']}")
    async with alice_client.rest() as rest:
        for address in addresses:
            assert (await rest.get(address, headers={"Last-Event-ID": str(last["seq"])})).status_code == 204


async def test_a_last_event_that_is_lost_is_made_again_whole(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        frames = await socket.until_end(accepted["run_id"])
    answer, steps = Message.objects.filter(pk=accepted["message_id"]), {"run_id": accepted["run_id"], "last": 1, "number": 1}
    made = [*(await answer.aget()).parts, Citation("report.pdf", "Report", (0, 5)), Artifact("plot", 2, "Plot")]
    await answer.aupdate(parts=made)
    await RunStep.objects.acreate(**steps, model="Another", usage={"prompt_tokens": 3})
    await RunEvent.objects.filter(run_id=accepted["run_id"], last=frames[-1]["seq"]).adelete()
    told = (await alice_client.events(accepted["run_id"], last_event_id=frames[-2]["seq"]))[-1]
    assert told["models"] == ["Another", *frames[-1]["models"]]
    assert told["citations"] == [{"type": "citation", "source": "report.pdf", "title": "Report", "span": [0, 5]}]
    assert told["artifacts"] == [{"type": "artifact", "artifact": "plot", "version": 2, "name": "Plot"}]
    assert told["usage"] == frames[-1]["usage"]


@pytest.mark.parametrize("status", ["complete", "interrupted", "failed"])
async def test_a_run_whose_last_event_is_lost_ends_for_its_followers_all_the_same(alice_client: Client, status: str) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        frames = await socket.until_end(accepted["run_id"])
    run = Run.objects.filter(pk=accepted["run_id"])
    failure = {"code": "rate_limited", "message": "Too many requests.", "retryable": True, "retry_after": 3.0}
    await run.aupdate(status=status, error=failure if status == "failed" else None)
    await RunEvent.objects.filter(run_id=accepted["run_id"], last=frames[-1]["seq"]).adelete()
    told = (await alice_client.events(accepted["run_id"], last_event_id=frames[-2]["seq"]))[-1]
    assert told["seq"] == frames[-1]["seq"]
    if status == "complete":
        assert bare([told]) == bare([frames[-1]])
    else:
        assert told["error"]["code"] == {"interrupted": "interrupted", "failed": "rate_limited"}[status]


async def test_an_end_that_was_stored_when_its_answer_was_lost_is_not_stored_twice(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        frames = await socket.until_end(accepted["run_id"])
    run, row = await Run.objects.aget(pk=accepted["run_id"]), await RunEvent.objects.filter(run_id=accepted["run_id"]).alast()
    assert row
    final = Entry(row.first, row.last, row.frames.encode())
    again = Ending(run.answer_id, Run.Status.COMPLETE, [run.model])
    sealed = Sealed([final], [Text("twice")])
    assert await in_database(end_run.store, Claim(run.pk, run.fence), again, sealed)
    assert not await in_database(end_run.store, Claim(run.pk, run.fence - 1), again, sealed)
    assert (await Message.objects.aget(pk=run.answer_id)).text == text_of(frames)


async def test_the_process_events_of_an_answer_come_in_their_own_shape(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        await socket.until_end(accepted["run_id"])
    async with alice_client.rest() as rest:
        text = (await rest.get("/api/chat/sse", params={"messageId": accepted["message_id"]})).text
    events = [httpx.Response(200, content=line[6:]).json() for line in text.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events] == ["connected", "process_start", "process_complete"]
    assert events[1]["data"]["totalSteps"] == 1


async def test_a_stranger_gets_no_events(alice_client: Client, charlie_client: Client, anonymous: httpx.AsyncClient) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        await socket.until_end(accepted["run_id"])
    addresses = [f"/api/runs/{accepted['run_id']}/events", f"/api/chat/sse?messageId={accepted['message_id']}"]
    async with charlie_client.rest() as rest:
        assert [(await rest.get(address)).status_code for address in addresses] == [404, 404]
    assert [(await anonymous.get(address)).status_code for address in addresses] == [401, 401]


async def test_an_answer_that_was_stopped_can_be_continued(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=500 rate=50]]")
        await asyncio.sleep(0.4)
        await socket.send("stop", {"run_id": accepted["run_id"]})
        begun = text_of(await socket.until_end(accepted["run_id"]))
    async with alice_client.rest() as rest:
        started = (await rest.post(f"/api/runs/{accepted['run_id']}/continue")).json()
        assert started["message_id"] == accepted["message_id"]
        await rest.post(f"/api/runs/{started['run_id']}/stop")
        more = text_of(await alice_client.events(started["run_id"]))
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    assert messages[-1]["text"] == begun + more


async def test_a_second_resume_takes_the_place_of_the_first(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=60 rate=60]]")
        run_id = accepted["run_id"]
        for _ in range(5):
            await socket.send("resume", {"run_id": run_id, "after": 1})
        last = await socket.send("resume", {"run_id": run_id, "after": 1})
        frames = await socket.until_end(run_id)
        late = [frame async for frame in _rest(socket)]
    mine = [frame for frame in frames if frame["request_id"] == last]
    assert numbers(mine) == list(range(2, mine[-1]["seq"] + 1))
    assert late == []
    assert {frame["request_id"] for frame in frames[-20:]} == {last}


async def _rest(socket: Socket) -> AsyncIterator[Frame]:
    try:
        while True:
            yield await socket.receive(0.5)
    except TimeoutError:
        return


async def test_who_follows_an_answer_of_a_deleted_conversation_sees_it_end_without_a_hole(alice_client: Client) -> None:
    async with alice_client.socket() as socket, alice_client.rest() as rest:
        for _ in range(10):
            accepted = await socket.ask("[[tokens=200 rate=40]]")
            await asyncio.sleep(0.3)
            assert (await rest.delete(f"/api/conversations/{accepted['conversation_id']}")).status_code == 204
            frames = [accepted, *await socket.until_end(accepted["run_id"], seconds=5)]
            assert numbers(frames) == list(range(1, len(frames) + 1))
            assert frames[-1]["finish_reason"] == "stopped"
