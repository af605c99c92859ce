"""The chat socket: what it answers to good, bad and foreign requests."""

import asyncio
import json
import uuid

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.client import Client, numbers, text_of
from tests.stack import Galaxy


async def test_an_answer_streams_from_accepted_to_complete(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=20 text='one two three']]")
        frames = [accepted, *await socket.until_end(accepted["run_id"])]
    assert numbers(frames) == list(range(1, len(frames) + 1))
    assert frames[-1]["status"] == "complete"
    assert frames[-1]["message_id"] == accepted["message_id"]
    assert frames[-1]["usage"]["completion_tokens"] > 0
    kinds = [frame["event"]["type"] for frame in frames if frame["status"] == "event"]
    assert kinds == ["process_start", "process_complete"]


async def test_reasoning_comes_apart_from_text(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5 reasoning=5]]")
        frames = await socket.until_end(accepted["run_id"])
    kinds = {frame["chunk"]["type"] for frame in frames if frame["status"] == "chunk"}
    assert kinds == {"reasoning", "text"}


async def test_the_answer_is_kept_as_the_message(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=30]]")
        frames = await socket.until_end(accepted["run_id"])
    async with alice_client.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    assert messages[1]["text"] == text_of(frames)


async def test_a_character_that_the_model_server_cuts_in_two_is_put_together(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[text='one two three' fault=halves@1]]")
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete"
    assert text_of(frames).replace(" ", "") == "one🌍twothree"


async def test_a_conversation_goes_on_with_its_history(alice_client: Client, providers: httpx.AsyncClient) -> None:
    marker = uuid.uuid4().hex
    async with alice_client.socket() as socket:
        first = await socket.ask(f"{marker} [[text='the first answer']]")
        await socket.until_end(first["run_id"])
        second = await socket.ask(f"{marker} again [[tokens=2]]", conversation_id=first["conversation_id"])
        await socket.until_end(second["run_id"])
    calls = (await providers.get("/_calls")).json()["calls"]
    asked = [call["body"]["messages"] for call in calls if f"{marker} again" in json.dumps(call["body"])][-1]
    assert [turn["role"] for turn in asked] == ["system", "user", "assistant", "user"]
    assert asked[2]["content"] == "the first answer"


async def test_a_ping_is_answered(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        request_id = await socket.send("ping")
        assert await socket.receive() == {"request_id": request_id, "status": "pong"}


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("this is no JSON", "not JSON"),
        ("[1, 2]", "not understood"),
        ('{"action": "fly", "request_id": "a"}', "fly"),
        ('{"action": "chat", "request_id": "a", "payload": {}}', "text"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "   "}}', "empty"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "a\\u0000b"}}', "NUL"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "a\\ud800b"}}', "half a surrogate pair"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "\\u200b \\u2800\\ufe0f"}}', "empty"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "x", "conversation_id": "nonsense"}}', "conversation_id"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "x", "tools": ["hammer"]}}', "hammer"),
        (
            '{"action": "chat", "request_id": "a", "payload": {"text": "x", "parameters": {"api_base": "http://evil"}}}',
            "api_base",
        ),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "x", "parameters": {"temperature": 9}}}', "temperature"),
        ('{"action": "chat", "request_id": "a", "payload": {"text": "x", "parameters": {"stop": "a\\u0000"}}}', "stop"),
        ('{"a":' * 50_000, "deeply"),
        ('{"action": "resume", "request_id": "a", "payload": {"run_id": "1"}}', "run_id"),
        ('{"action": "stop", "request_id": "a"}', "payload"),
    ],
)
async def test_a_frame_that_is_wrong_is_answered_and_the_socket_stays_open(alice_client: Client, frame: str, said: str) -> None:
    async with alice_client.socket() as socket:
        await socket.connection.send(frame)
        answer = await socket.receive()
        assert answer["status"] == "error"
        assert answer["error"]["code"] == "bad_request"
        assert said in answer["error"]["message"]
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"


async def test_an_error_names_the_request_it_answers(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        for frame in (
            '{"action": "fly", "request_id": "mine"}',
            '{"action": "chat", "request_id": "mine", "payload": {"text": "\\ud83d"}}',
        ):
            await socket.connection.send(frame)
            assert (await socket.receive())["request_id"] == "mine"


async def test_a_message_of_two_megabytes_is_refused_and_the_socket_stays_open(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        await socket.send("chat", {"text": "x" * 2_000_000})
        answer = await socket.receive()
        assert answer["error"]["code"] == "bad_request"
        assert "200,000" in answer["error"]["message"]
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"


async def test_a_frame_over_the_limit_closes_with_1009(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.send("chat", {"text": "x" * 5_000_000})
            await socket.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_somebody_who_is_not_signed_in_is_closed_with_4401(galaxy: Galaxy) -> None:
    async with connect(galaxy.ws_url, additional_headers={"Origin": galaxy.base_url}) as connection:
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_another_sites_page_cannot_open_the_socket(alice_client: Client) -> None:
    alice_client.headers["Origin"] = "https://evil.example"
    with pytest.raises(Exception, match="403"):
        async with alice_client.socket():
            pass


async def test_a_stranger_reaches_neither_conversation_nor_run(alice_client: Client, charlie_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=3]]")
        await socket.until_end(accepted["run_id"])
    async with charlie_client.socket() as socket:
        for action, payload in [
            ("chat", {"text": "mine?", "conversation_id": accepted["conversation_id"]}),
            ("resume", {"run_id": accepted["run_id"]}),
            ("stop", {"run_id": accepted["run_id"]}),
        ]:
            await socket.send(action, payload)
            assert (await socket.receive())["error"]["code"] == "not_found", action


async def test_a_repeated_send_is_one_run(alice_client: Client, providers: httpx.AsyncClient) -> None:
    marker = uuid.uuid4().hex
    request_id = str(uuid.uuid4())
    payload = {"text": f"{marker} [[tokens=10 rate=50]]"}
    async with alice_client.socket() as first, alice_client.socket() as second:
        await first.send("chat", payload, request_id=request_id)
        accepted = await first.receive()
        await second.send("chat", payload, request_id=request_id)
        again = await second.until_end(accepted["run_id"])
        assert again[0] == accepted
        assert again == [accepted, *await first.until_end(accepted["run_id"])]
    calls = (await providers.get("/_calls")).json()["calls"]
    assert sum(marker in json.dumps(call["body"]) for call in calls) == 1


async def test_a_second_question_waits_for_the_first_answer(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=100 rate=20]]")
        await socket.send("chat", {"text": "and?", "conversation_id": accepted["conversation_id"]})
        refused = None
        while refused is None:
            frame = await socket.receive()
            refused = frame if "seq" not in frame else None
        assert refused["error"]["code"] == "busy"
        await socket.send("stop", {"run_id": accepted["run_id"]})


async def test_stop_closes_the_providers_connection_and_keeps_the_text(
    alice_client: Client, providers: httpx.AsyncClient
) -> None:
    marker = uuid.uuid4().hex
    async with alice_client.socket() as socket, alice_client.socket() as other_tab:
        accepted = await socket.ask(f"{marker} [[tokens=500 rate=20]]")
        await asyncio.sleep(0.5)
        await other_tab.send("stop", {"run_id": accepted["run_id"]})
        await asyncio.sleep(0.3)
        calls = (await providers.get("/_calls")).json()["calls"]
        mine = next(call for call in calls if marker in json.dumps(call["body"]))
        assert mine["outcome"] == "client_closed"
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["status"] == "complete"
    assert frames[-1]["finish_reason"] == "stopped"
    assert text_of(frames)


async def test_a_silent_model_is_told_of_until_it_is_given_up(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5 fault=stall@3]]")
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["error"]["code"] == "model_stalled"
    assert text_of(frames)


@pytest.mark.parametrize(
    ("directive", "code"),
    [
        ("fault=401", "model_unauthorised"),
        ("fault=400", "model_refused"),
        ("tokens=20 fault=cut@5", "model_stream_broken"),
        ("tokens=20 fault=end@5", "model_stream_broken"),
        ("tokens=20 fault=garbage@5", "model_stream_broken"),
        ("tokens=20 fault=endless@5", "model_stream_broken"),
    ],
)
async def test_a_model_that_fails_is_a_clear_error_and_what_came_stays(alice_client: Client, directive: str, code: str) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(f"[[{directive}]]")
        frames = await socket.until_end(accepted["run_id"])
        await socket.send("ping")
        assert (await socket.receive())["status"] == "pong"
    assert frames[-1]["status"] == "error"
    assert frames[-1]["error"]["code"] == code
    async with alice_client.rest() as rest:
        messages = (await rest.get(f"/api/conversations/{accepted['conversation_id']}/messages")).json()["results"]
    assert messages[1]["text"] == text_of(frames)


async def test_a_model_server_that_is_not_there_is_a_clear_error(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("anybody?", model="dead")
        frames = await socket.until_end(accepted["run_id"])
    assert frames[-1]["error"]["code"] == "model_unreachable"


async def test_a_model_that_nobody_has_is_refused_before_anything_is_stored(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        await socket.send("chat", {"text": "hello", "model": "no-such-model"})
        assert (await socket.receive())["error"]["code"] == "unknown_model"
    async with alice_client.rest() as rest:
        assert (await rest.get("/api/conversations")).json()["results"] == []


async def test_a_session_that_ended_does_nothing_more(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        async with alice_client.rest() as rest:
            await rest.post("/sign-out", headers={"Origin": alice_client.base_url})
        with pytest.raises(ConnectionClosed) as closed:
            await socket.send("chat", {"text": "still me?"})
            assert (await socket.receive())["error"]["code"] == "not_signed_in"
            await socket.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_socket_that_only_listens_is_closed_when_its_session_ends(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        await socket.ask("[[tokens=900 rate=20]]")
        async with alice_client.rest() as rest:
            await rest.post("/sign-out", headers={"Origin": alice_client.base_url})
        assert await socket.until_closed() == 4401


async def test_a_decision_on_a_call_that_cannot_be_is_not_found(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        await socket.send("approve", {"call_id": "\0", "decision": "once"})
        assert (await socket.receive())["error"]["code"] == "not_found"
