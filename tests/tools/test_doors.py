"""Tools by REST and plain HTTP: what each person sees and may call, and what is kept of a call."""

import json

import httpx
import pytest

from accounts.models import Grant, User
from tests.client import Client
from tests.stack import Galaxy
from tests.tools.conftest import effects
from tools.models import ToolSetting


async def call(client: Client, tool: str, **arguments: object) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.post("/api/tool-calls", json={"tool": tool, "arguments": arguments})


async def names(client: Client) -> list[str]:
    async with client.rest() as rest:
        return [tool["name"] for tool in (await rest.get("/api/tools")).json()]


async def test_plain_http_lists_and_calls(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        listed = (await rest.post("/tools/list", json={})).json()["tools"]
        lines = await rest.post("/tools/list", json={}, headers={"Accept": "application/x-ndjson"})
        assert [json.loads(line) for line in lines.text.splitlines()] == listed
        add = next(tool for tool in listed if tool["name"] == "add")
        assert add["inputSchema"]["required"] == ["a", "b"]
        assert add["annotations"]["readOnlyHint"] is True
        done = await rest.post("/tools/call", json={"name": "add", "arguments": {"a": 1, "b": 2}})
        assert (done.status_code, done.json()["structuredContent"], done.json()["isError"]) == (200, {"total": 3}, False)
        failed = (await rest.post("/tools/call", json={"name": "fail", "arguments": {"how": "clean"}})).json()
        assert failed["isError"] is True
        assert failed["content"][0]["text"] == "The machine is out of paper."


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "nothing", "arguments": {}}, 404, "unknown_tool"),
        ({"name": "add", "arguments": {"a": 1}}, 422, "bad_arguments"),
        ({"name": "add", "arguments": {"a": 1, "b": "x" * 100_000}}, 422, "bad_arguments"),
        ({"name": "add", "arguments": [1]}, 400, "bad_request"),
        ({"arguments": {}}, 400, "bad_request"),
    ],
)
async def test_wrong_calls_say_what_is_wrong(alice_client: Client, body: object, status: int, code: str) -> None:
    async with alice_client.rest() as rest:
        refused = await rest.post("/tools/call", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("depth", [101, 300, 900, 100_000])
@pytest.mark.parametrize(("path", "name"), [("/tools/call", "name"), ("/api/tool-calls", "tool")])
async def test_arguments_however_deep_are_refused_and_break_nothing(
    alice_client: Client, path: str, name: str, depth: int
) -> None:
    body = f'{{"{name}": "add", "arguments": {{"a": {"[" * depth}{"]" * depth}, "b": 2}}}}'
    async with alice_client.rest() as rest:
        refused = await rest.post(path, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422), refused.text
    assert refused.json()["error"]["code"] in ("bad_request", "bad_arguments")


@pytest.mark.parametrize("body", [b'{"name": "\xff"}', b'{"name": "add", "arguments": {"a": 1e999}}', b'{"name": "\\ud800"}'])
async def test_what_is_no_json_is_said_to_be_none(alice_client: Client, body: bytes) -> None:
    async with alice_client.rest() as rest:
        refused = await rest.post("/tools/call", content=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_request")


async def test_without_a_credential_nothing_is_listed_or_called(anonymous: httpx.AsyncClient) -> None:
    for path in ("/tools/list", "/tools/call"):
        assert (await anonymous.post(path, json={"name": "add", "arguments": {"a": 1, "b": 2}})).status_code == 401


async def test_a_tool_that_is_denied_does_not_exist_for_the_person(
    alice: User, alice_client: Client, bob_client: Client
) -> None:
    await Grant.objects.acreate(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="add")
    refused = await call(alice_client, "add", a=1, b=2)
    assert (refused.status_code, refused.json()["error"]["message"]) == (404, "There is no tool called add.")
    assert (await call(bob_client, "add", a=1, b=2)).json()["state"] == "succeeded"
    assert "add" in await names(bob_client)


async def test_limits_of_arguments_are_told_as_a_refusal(alice: User, alice_client: Client) -> None:
    limits = {"properties": {"a": {"minimum": 100}}}
    await Grant.objects.acreate(
        tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="add", limits=limits
    )
    assert (await call(alice_client, "add", a=1, b=2)).json()["state"] == "succeeded"
    refused = await call(alice_client, "add", a=100, b=2)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


async def test_a_tool_that_an_operator_switches_off_is_gone_within_a_second(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    assert (await call(alice_client, "add", a=1, b=2)).status_code == 201
    await ToolSetting.objects.acreate(tenant=alice.tenant, tool="add", is_on=False)
    for _ in range(40):
        if (refused := await call(alice_client, "add", a=1, b=2)).status_code == 404:
            break
    assert refused.status_code == 404
    assert (await call(charlie_client, "add", a=1, b=2)).json()["state"] == "succeeded"  # another tenant's is on


async def test_a_person_finds_their_calls_and_no_one_elses(alice_client: Client, bob_client: Client) -> None:
    made = (await call(alice_client, "add", a=1, b=2)).json()
    assert (made["state"], made["result"]["data"]) == ("succeeded", {"total": 3})
    async with bob_client.rest() as rest:
        assert (await rest.get(f"/api/tool-calls/{made['id']}")).status_code == 404
        assert (await rest.get("/api/tool-calls")).json()["results"] == []
    async with alice_client.rest() as rest:
        found = (await rest.get("/api/tool-calls?tool=add")).json()["results"]
    assert [one["id"] for one in found] == [made["id"]]


async def test_a_deterministic_tool_gives_its_result_again_to_the_same_person(alice_client: Client, bob_client: Client) -> None:
    first, second = [(await call(alice_client, "roll", sides=6)).json() for _ in range(2)]
    assert (first["is_cached"], second["is_cached"]) == (False, True)
    assert first["result"]["text"] == second["result"]["text"]
    assert (await call(bob_client, "roll", sides=6)).json()["is_cached"] is False


async def test_a_critical_call_waits_for_its_person_and_runs_once(
    galaxy: Galaxy, alice_client: Client, bob_client: Client
) -> None:
    refused = await call(alice_client, "unlock", door="front")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "approval_required")
    call_id = refused.json()["error"]["call_id"]
    async with bob_client.rest() as rest:
        assert (await rest.post(f"/api/tool-calls/{call_id}/decision", json={"decision": "once"})).status_code == 404
    async with alice_client.rest() as rest:
        assert (await rest.get(f"/api/tool-calls/{call_id}")).json()["state"] == "waiting"
        answers = [await rest.post(f"/api/tool-calls/{call_id}/decision", json={"decision": "once"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 404]
        assert (await rest.get(f"/api/tool-calls/{call_id}")).json()["state"] == "succeeded"
    assert effects(galaxy, call_id) == 1


async def test_an_artifact_is_its_owners_alone(alice_client: Client, bob_client: Client, charlie_client: Client) -> None:
    made = (await call(alice_client, "show")).json()["result"]["artifacts"]
    paths = [f"/artifacts/{one['artifact_id']}/{one['version']}" for one in made]
    async with alice_client.rest() as rest:
        picture, table = [await rest.get(path) for path in paths]
        assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
        assert table.headers["Content-Type"].startswith("text/plain")
        saved = await rest.get(f"{paths[1]}?download")
        assert saved.headers["Content-Disposition"] == 'attachment; filename="cities.csv"'
    for client in (bob_client, charlie_client):
        async with client.rest() as rest:
            assert [(await rest.get(path)).status_code for path in paths] == [404, 404]
