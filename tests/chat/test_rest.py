"""The REST door of chat: what it gives its owner, and that a stranger sees nothing."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from tests.client import Client


async def a_conversation(rest: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await rest.post("/api/conversations", json={"title": "Heating"} | fields)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def test_a_conversation_is_made_read_renamed_and_deleted(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        made = await a_conversation(rest)
        address = f"/api/conversations/{made['id']}"
        assert (await rest.get(address)).json()["title"] == "Heating"
        assert (await rest.patch(address, json={"title": "Cooling"})).json()["title"] == "Cooling"
        assert (await rest.delete(address)).status_code == 204
        assert (await rest.get(address)).status_code == 404


async def test_conversations_are_paged_by_cursor_the_newest_first(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        for number in range(5):
            await a_conversation(rest, title=str(number))
        first = (await rest.get("/api/conversations", params={"page_size": 3})).json()
        second = (await rest.get(first["next"])).json()
    assert [one["title"] for one in first["results"] + second["results"]] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "Mine"}),
        ("DELETE", "", None),
        ("GET", "/messages", None),
    ],
)
async def test_a_stranger_finds_no_conversation(
    alice_client: Client, charlie_client: Client, anonymous: httpx.AsyncClient, method: str, path: str, body: Any
) -> None:
    async with alice_client.rest() as rest:
        made = await a_conversation(rest)
    address = f"/api/conversations/{made['id']}{path}"
    async with charlie_client.rest() as rest:
        assert (await rest.request(method, address, json=body)).status_code == 404
        assert (await rest.get("/api/conversations")).json()["results"] == []
    assert (await anonymous.request(method, address, json=body)).status_code == 401


async def test_a_run_without_a_socket_is_answered(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        started = (await rest.post("/api/runs", json={"text": "[[tokens=5]]"})).json()
        frames = await alice_client.events(started["run_id"])
        run = (await rest.get(f"/api/runs/{started['run_id']}")).json()
    assert frames[-1]["status"] == "complete"
    assert (run["status"], run["finish_reason"], run["message_id"]) == ("complete", "stop", started["message_id"])


async def test_a_change_without_the_csrf_token_is_refused(alice_client: Client) -> None:
    del alice_client.headers["X-CSRFToken"]
    async with alice_client.rest() as rest:
        response = await rest.post("/api/conversations", json={})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden"


@pytest.mark.parametrize("path", ["me", "config", "models", "conversations"])
async def test_nobody_signed_in_gets_401_in_the_one_shape_of_errors(anonymous: httpx.AsyncClient, path: str) -> None:
    response = await anonymous.get(f"/api/{path}")
    assert response.status_code == 401
    assert set(response.json()["error"]) == {"code", "message"}


async def test_values_that_are_wrong_are_named(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        response = await rest.post("/api/runs", json={"conversation_id": "nonsense"})
    assert response.status_code == 422
    assert {detail["at"].rpartition(".")[2] for detail in response.json()["error"]["details"]} == {"text", "conversation_id"}


@pytest.mark.parametrize("action", ["stop", "continue"])
async def test_a_run_that_is_not_there_is_not_found(alice_client: Client, action: str) -> None:
    async with alice_client.rest() as rest:
        assert (await rest.post(f"/api/runs/{uuid.uuid4()}/{action}")).status_code == 404


async def test_me_and_config_tell_who_and_what(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        me = (await rest.get("/api/me")).json()
        config = (await rest.get("/api/config")).json()
    assert me["email"].startswith("alice")
    assert config["app_name"] == "Galaxy Chat"
    assert config["models"]


async def test_deleting_a_conversation_stops_its_answer(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        started = (await rest.post("/api/runs", json={"text": "[[tokens=500 rate=20]]"})).json()
        assert (await rest.delete(f"/api/conversations/{started['conversation_id']}")).status_code == 204
        assert (await rest.get(f"/api/runs/{started['run_id']}")).status_code == 404


async def test_many_questions_at_once_are_all_stored(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        asked = [rest.post("/api/runs", json={"text": f"{number} [[tokens=2]]"}) for number in range(40)]
        assert {response.status_code for response in await asyncio.gather(*asked)} == {201}


async def test_open_event_streams_leave_the_database_to_others(alice_client: Client, bob_client: Client) -> None:
    async with alice_client.rest() as rest:
        started = (await rest.post("/api/runs", json={"text": "[[tokens=500 rate=20]]"})).json()
        following = [asyncio.create_task(alice_client.events(started["run_id"])) for _ in range(30)]
        await asyncio.sleep(1)
        async with bob_client.rest() as other:
            answers = await asyncio.wait_for(asyncio.gather(*(other.get("/api/me") for _ in range(10))), 5)
        assert {answer.status_code for answer in answers} == {200}
        await rest.post(f"/api/runs/{started['run_id']}/stop")
        ends = await asyncio.gather(*following)
    assert {frames[-1]["finish_reason"] for frames in ends} == {"stopped"}


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a\0b"},
        {"text": "x", "parameters": {"api_base": "http://127.0.0.1:1/steal"}},
        {"text": "x", "parameters": {"temperature": 3}},
        {"text": "x", "parameters": {"stop": "\0"}},
        {"text": "x", "tools": ["calculator"]},
        {"text": "x", "strategy": "council"},
    ],
)
async def test_a_question_that_cannot_be_asked_is_refused(alice_client: Client, body: dict[str, Any]) -> None:
    async with alice_client.rest() as rest:
        response = await rest.post("/api/runs", json=body)
    assert response.status_code in (400, 422)
    assert set(response.json()["error"]) >= {"code", "message"}


@pytest.mark.parametrize(
    "text",
    [
        r'"\ud800"',
        r'"x", "parameters": {"\ud800": 1}',
        '"x", "parameters": {"temperature": NaN}',
        '"x", "parameters": {"temperature": 1e999}',
    ],
)
async def test_json_that_only_looks_well_is_refused(alice_client: Client, text: str) -> None:
    async with alice_client.rest() as rest:
        response = await rest.post("/api/runs", content='{"text": ' + text + "}", headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "\x01",
        "cD0\x1f=",
        "\x7f\x80",
        "\n",
        "cD0=",
        "cD14",
        "bz0tMQ==",
        "bz05OTk5OTk5OTk5OTk5OTk5OTk5OQ==",
        "cD05OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5",
    ],
)
async def test_a_cursor_that_nobody_gave_is_refused(alice_client: Client, cursor: str) -> None:
    async with alice_client.rest() as rest:
        await a_conversation(rest)
        response = await rest.get("/api/conversations", params={"cursor": cursor})
    assert response.status_code in (200, 422), response.text
    if not cursor.isprintable():
        assert [one["at"] for one in response.json()["error"]["details"]] == ["query.cursor"]


async def test_an_answer_that_was_continued_to_its_end_is_complete(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        started = (await rest.post("/api/runs", json={"text": "[[tokens=40 rate=40]]"})).json()
        await rest.post(f"/api/runs/{started['run_id']}/stop")
        await alice_client.events(started["run_id"])
        again = (await rest.post(f"/api/runs/{started['run_id']}/continue")).json()
        await alice_client.events(again["run_id"])
        response = await rest.post(f"/api/runs/{started['run_id']}/continue")
    assert response.status_code == 400
    assert "complete" in response.json()["error"]["message"]


async def test_a_question_that_comes_twice_at_one_moment_is_asked_once(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        made = await a_conversation(rest)
        question = {"text": "Once. [[tokens=5]]", "conversation_id": made["id"], "request_id": str(uuid.uuid4())}
        answers = await asyncio.gather(*(rest.post("/api/runs", json=question) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["run_id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/conversations/{id}", {"title": "New", "colour": "red"}),
        ("POST", "/api/conversations", {"titel": "New"}),
        ("POST", "/api/runs", {"text": "Hello.", "temperature": 1}),
    ],
)
async def test_a_member_that_nobody_knows_is_refused_and_nothing_is_done(
    alice_client: Client, method: str, path: str, body: dict[str, Any]
) -> None:
    async with alice_client.rest() as rest:
        made = await a_conversation(rest)
        response = await rest.request(method, path.format(id=made["id"]), json=body)
        kept = (await rest.get("/api/conversations")).json()["results"]
    assert response.status_code == 422
    assert response.json()["error"]["details"][0]["at"].endswith(list(body)[-1])
    assert kept == [made]


async def test_what_a_person_is_told_is_kept_by_no_cache(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        for path in ("/api/me", "/api/conversations", "/api/nothing"):
            assert (await rest.get(path)).headers["Cache-Control"] == "private, no-store"
        assert "no-store" not in (await rest.get("/static/css/base.css")).headers["Cache-Control"]


async def test_nothing_that_cannot_be_seen_is_asked_or_becomes_a_title(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        for unseen in ("\u200b", " \u2060\n", "\u3164", "\ufe0f\u00ad"):
            refused = await rest.post("/api/runs", json={"text": unseen})
            assert refused.status_code == httpx.codes.BAD_REQUEST, repr(unseen)
            assert "The message is empty" in refused.text
        made = (await rest.post("/api/runs", json={"text": "\u200b\n\u2800\n  Seen at last [[tokens=1]]"})).json()
        address = f"/api/conversations/{made['conversation_id']}"
        assert (await rest.get(address)).json()["title"] == "Seen at last [[tokens=1]]"
        refused = await rest.patch(address, json={"title": "\u200b"})
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert "nothing that can be seen" in refused.text
