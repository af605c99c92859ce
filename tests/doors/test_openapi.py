"""The REST door's description: who may read it, and that a client built from it alone asks, follows and reads an answer."""

import re
from typing import Any

import httpx
import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from accounts.identity import tokens
from accounts.models import User
from accounts.oauth.scopes import SCOPES
from accounts.storage.connections import in_database
from tests.client import Client
from tests.doors.rest_client import Described
from tests.stack import Galaxy

ADDRESS = "/api/openapi.json"
ERRORS = ("401", "403", "404", "422", "429")
EVERYTHING = ("chat:read", "chat:write")


@pytest.fixture
async def document(alice_client: Client) -> dict[str, Any]:
    async with alice_client.rest() as rest:
        found: dict[str, Any] = (await rest.get(ADDRESS)).raise_for_status().json()
    return found


async def _token(person: User, *scopes: str) -> str:
    return (await in_database(tokens.issue, person, "a generated client", list(scopes), None))[1]


async def test_whoever_has_a_session_or_any_token_reads_it_and_others_get_401(
    galaxy: Galaxy, alice: User, alice_client: Client
) -> None:
    bearer = Client.with_token(galaxy.base_url, await _token(alice, next(iter(SCOPES))))
    for client, status in ((alice_client, 200), (bearer, 200), (Client.with_token(galaxy.base_url, "wrong"), 401)):
        async with client.rest() as rest:
            answer = await rest.get(ADDRESS)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, "application/json")
    assert answer.json()["error"]["code"] == "not_signed_in"
    assert "invalid_token" in answer.headers["www-authenticate"]
    async with httpx.AsyncClient(base_url=galaxy.base_url) as nobody:
        answer = await nobody.get(ADDRESS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


async def test_every_operation_says_how_to_come_in_and_how_it_refuses(galaxy: Galaxy, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [server["url"] for server in document["servers"]] == [galaxy.base_url]
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", "galaxy_session")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            known = [set(way) for way in operation["security"]]
            assert {"session"} in known if method == "get" else {"session", "csrf"} in known, (path, method)
            assert set().union(*known) <= set(schemes), (path, method)
            assert set(ERRORS) < set(operation["responses"]), (path, method)
            declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path)), (path, method)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


async def test_it_is_valid_and_no_reference_in_it_leads_nowhere(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(OPENAPI_31).validate(document)
    assert _references(document)
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return {found for one in part for found in _references(one)}
    if not isinstance(part, dict):
        return set()
    inner = {found for one in part.values() for found in _references(one)}
    return inner | {part["$ref"]} if isinstance(part.get("$ref"), str) else inner


async def test_a_stream_of_events_is_described_as_one(document: dict[str, Any]) -> None:
    endless = document["paths"]["/api/notices"]["get"]["responses"]["200"]
    assert set(endless["content"]) == {"text/event-stream"}
    for path in ("/api/runs/{run_id}/events", "/api/chat/sse"):
        operation = document["paths"][path]["get"]
        assert set(operation["responses"]["200"]["content"]) == {"text/event-stream"}
        assert "content" not in operation["responses"]["204"]
        known = {(one["in"], one["name"]) for one in operation["parameters"]}
        assert {("query", "after"), ("header", "Last-Event-ID")} <= known


@pytest.mark.parametrize("scheme", ["bearer", "session"])
async def test_a_client_built_from_it_asks_follows_and_reads_an_answer(
    document: dict[str, Any], alice: User, alice_client: Client, scheme: str
) -> None:
    kept = alice_client.headers
    session = dict(pair.split("=") for pair in kept["Cookie"].split("; "))
    given = {"bearer": await _token(alice, *EVERYTHING)} if scheme == "bearer" else {"session": "", "csrf": kept["X-CSRFToken"]}
    given |= {"session": session["galaxy_session"]} if scheme == "session" else {}
    extra = {} if scheme == "bearer" else {"Origin": kept["Origin"]}
    async with Described(document, given, cookies={"galaxy_csrf": "c" * 32}, headers=extra) as described:
        started = await described.call("chat_api_create_run", body={"text": "[[tokens=5]]"})
        run_id = started["run_id"]
        events = await described.call("chat_api_run_events", run_id=run_id)
        assert events[-1]["status"] == "complete"
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        rest = await described.call("chat_api_run_events", run_id=run_id, after=2)
        assert rest == events[2:]
        assert await described.call("chat_api_run_events", run_id=run_id, **{"Last-Event-ID": len(events)}) is None
        run = await described.call("chat_api_read_run", run_id=run_id)
        assert run["status"] == "complete"
        page = await described.call("chat_api_messages", conversation_id=started["conversation_id"])
        assert page["results"][-1]["text"]
        refused = await described.call("chat_api_read_run", run_id="00000000-0000-0000-0000-000000000000", status=404)
        assert refused["error"]["code"] == "not_found"
        unfit = await described.call("chat_api_read_run", run_id="no-id", status=422)
        assert unfit["error"]["details"]
