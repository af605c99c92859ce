"""Every door, tried by everyone: as the table says, and no door without an entry in it."""

import asyncio
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.urls import URLPattern, URLResolver, get_resolver
from websockets.exceptions import ConnectionClosed

from chat.doors import frames_in
from galaxy.api.rest import api
from tests.client import Client
from tests.doors.cast import ACTORS, Scene, scene
from tests.doors.table import NOBODY, PAGES, REST, SAME_AS, SOCKET, Door
from tests.stack import Galaxy

ALL = {**PAGES, **REST}
pytestmark = pytest.mark.usefixtures("fresh_count")  # every actor comes from one address, and guesses
REFUSED = range(400, 500)
NAMES = {
    "token": "none", "path": "mcp", "passkey_id": "1", "account_id": "1", "provider": "nobody", "tool_name": "add",
    "call_id": "none", "component": "x", "component_id": "x-0", "approval_id": "1",
    "artifact_id": "00000000-0000-0000-0000-000000000000", "number": "1",
}  # fmt: skip


def filled(text: str, names: dict[str, str]) -> str:
    for name, value in (NAMES | names).items():
        for kind in ("uuid:", "str:", "path:", "int:", "slug:", ""):
            text = text.replace(f"<{kind}{name}>", value)
        text = text.replace(f"{{{name}}}", value)
    return text


def body_of(door: Door, names: dict[str, str]) -> dict[str, Any]:
    return {name: filled(value, names) if isinstance(value, str) else value for name, value in (door.body or {}).items()}


def expected(door: Door) -> dict[str, int | str]:
    return {actor: door.answers.get(actor, door.answers[SAME_AS.get(actor, actor)]) for actor in ACTORS}


@pytest.fixture(scope="module")
def shared(galaxy: Galaxy) -> Scene:
    """For all who change nothing."""
    return scene(galaxy.base_url)


async def stages(shared: Scene, answers: dict[str, int | str], *, reads: bool = False) -> dict[str, Scene]:
    """A scene for each actor: one of their own where the door lets them change something, otherwise the shared one."""
    changing = [actor for actor in ACTORS if not reads and actor not in NOBODY and answers[actor] not in REFUSED]
    own = [await sync_to_async(scene)(shared.base_url) for _ in changing]
    return dict.fromkeys(ACTORS, shared) | dict(zip(changing, own, strict=True))


async def answer_of(client: Client, name: str, door: Door, stage: Scene) -> int:
    method, _, address = name.partition(" ")
    address = f"/{filled(address, stage.names).lstrip('/')}?{filled(door.query, stage.names)}"
    sent = {"json" if name in REST else "data": body_of(door, stage.names)} if method not in ("GET", "DELETE") else {}
    # Nothing is encrypted here: `verify` only spares the reading of the system's certificates.
    async with (
        httpx.AsyncClient(base_url=client.base_url, headers=client.headers, timeout=20, verify=False) as http,
        http.stream(method, address, **sent) as answer,  # type: ignore[arg-type]
    ):
        return answer.status_code  # some answers have no end


@pytest.mark.parametrize("name", ALL)
async def test_a_door_answers_everybody_as_the_table_says(shared: Scene, name: str) -> None:
    answers = expected(ALL[name])
    stage = await stages(shared, answers, reads=name.startswith("GET "))
    found = [answer_of(stage[actor].clients[actor], name, ALL[name], stage[actor]) for actor in ACTORS]
    assert dict(zip(ACTORS, await asyncio.gather(*found), strict=True)) == answers


async def first_word(client: Client, action: str, door: Door, payload: dict[str, Any]) -> int | str:
    """The socket's first answer to the action."""
    async with client.socket() as socket:
        try:
            await socket.send(action, payload)
            if not door.answers_itself:
                await socket.send("ping")
            frame = await socket.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0
        return str(frame["error"]["code"] if frame["status"] == "error" else frame["status"])


@pytest.mark.parametrize("action", SOCKET)
async def test_an_action_answers_everybody_as_the_table_says(shared: Scene, action: str) -> None:
    door = SOCKET[action]
    stage = await stages(shared, expected(door), reads=action not in ("chat", "stop"))
    found = [first_word(it.clients[actor], action, door, body_of(door, it.names)) for actor, it in stage.items()]
    assert dict(zip(stage, await asyncio.gather(*found), strict=True)) == expected(door)


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if path == "admin/":
            continue  # the operators' site: one door with one guard, tried at some of its pages
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from addresses(pattern, path)


def test_every_address_has_an_entry() -> None:
    schema = api.get_openapi_schema(path_prefix="/api/")["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in schema.items() for method in methods}
    assert operations == set(REST)
    rest = {path.lstrip("/").replace("{", "<").replace("}", ">") for path in schema}
    pages = {path for path in addresses(get_resolver()) if path.replace("<path:", "<") not in rest}
    assert pages == {name.partition(" ")[2] for name in PAGES if not name.startswith("GET admin/")}


def test_every_action_has_an_entry() -> None:
    tags = {action.__struct_config__.tag for action in get_args(frames_in.AnyAction)}
    assert tags == set(SOCKET)
