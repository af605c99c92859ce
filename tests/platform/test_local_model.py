"""The local model: a machine without any other one answers by itself, and goes on without it where it cannot run."""

import asyncio
import json
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from galaxy.configuration.environment import Environment
from galaxy.services.local_model import part, weights
from galaxy.services.local_model.endpoint import HOST
from galaxy.services.supervision.part import CannotStartError
from tests.client import Client, text_of
from tests.ports import free_port
from tests.stack import Galaxy, Providers

pytestmark = pytest.mark.timeout(180)
NAME = "SmolLM2 135M"
PATIENT = {"FIRST_TOKEN_SECONDS": "60", "BETWEEN_TOKENS_SECONDS": "30"}  # it shares two processors with other tests


@pytest.fixture(scope="module")
def alone(stand_in_process: Providers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Galaxy]:
    """A machine on which nothing is set up."""
    folder = tmp_path_factory.mktemp("alone")
    installation = Galaxy(folder, free_port(), stand_in_process, models="llms: []", LOCAL_MODEL="auto", **PATIENT)
    installation.start()
    yield installation
    installation.stop()


def endpoint(installation: Galaxy) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((installation.data_dir / "run" / "local_model.json").read_bytes())
    return told


async def test_the_first_question_of_a_bare_machine_is_answered_by_a_real_model(alone: Galaxy) -> None:
    await alone.until_ready("local-model")
    client = Client(alone.base_url, alone.owner_cookie())
    async with client.socket() as socket:
        accepted = await socket.ask("Write two sentences about Paris.")
        frames = await socket.until_end(accepted["run_id"], seconds=120)
    assert len(text_of(frames).split()) > 5  # it is often wrong, but it says something
    assert sum(frame["status"] == "chunk" for frame in frames) > 1  # it streams
    async with client.rest() as rest:
        run = (await rest.get(f"/api/runs/{accepted['run_id']}")).json()
    assert run["model"] == NAME


def test_what_it_is_stands_beside_the_composer(alone: Galaxy) -> None:
    page = httpx.get(alone.base_url, cookies={"galaxy_session": alone.owner_cookie()}).text
    assert f"{NAME} is a tiny demonstration model and often wrong." in page
    assert "Connect a model" in page
    assert "No language model is connected" not in page


async def test_it_is_told_of_no_tools_and_what_is_too_long_is_named(alone: Galaxy) -> None:
    client = Client(alone.base_url, alone.owner_cookie())
    async with client.rest() as rest:
        accepted = (await rest.post("/api/runs", json={"text": "word " * 6000})).json()
        frames = await client.events(accepted["run_id"])
    assert "too long" in frames[-1]["error"]["message"]


async def test_no_one_else_on_the_machine_can_use_it(alone: Galaxy) -> None:
    told = endpoint(alone)
    file = alone.data_dir / "run" / "local_model.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{told['port']}", timeout=30) as client:
        question = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        assert (await client.post("/v1/chat/completions", json=question)).status_code == httpx.codes.UNAUTHORIZED
        assert (await client.get("/v1/models")).status_code == httpx.codes.UNAUTHORIZED
        assert (await client.get("/slots")).status_code != httpx.codes.OK
        assert (await client.get("/")).status_code != httpx.codes.OK
    for name in ("web", "runner", "worker", "local-model"):
        assert told["key"] not in alone.logged(name)


async def test_a_killed_one_comes_back_and_no_one_takes_its_port_meanwhile(alone: Galaxy) -> None:
    port = endpoint(alone)["port"]
    alone.kill("local-model")
    coming = asyncio.create_task(alone.until_ready("local-model"))
    while not coming.done():
        with socket.socket() as thief, pytest.raises(OSError, match="in use"):
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            thief.bind((HOST, port))
        await asyncio.sleep(0.01)
    await coming
    client = Client(alone.base_url, alone.owner_cookie())
    async with client.rest() as rest:
        accepted = (await rest.post("/api/runs", json={"text": "Say hello."})).json()
        assert text_of(await client.events(accepted["run_id"]))


async def test_galaxy_goes_on_without_one_that_does_not_start(
    stand_in_process: Providers, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(weights.MAGIC + bytes(100))
    settings = {"LOCAL_MODEL": "on", "LOCAL_MODEL_FILE": str(broken)}
    installation = Galaxy(tmp_path_factory.mktemp("broken"), free_port(), stand_in_process, **settings)
    installation.start()
    try:
        async with asyncio.timeout(90):
            while "goes on without it" not in installation.said():
                await asyncio.sleep(0.1)
        async with Client(installation.base_url, installation.owner_cookie()).rest() as rest:
            assert (await rest.get("/readyz")).status_code == httpx.codes.OK
            assert "demonstration" not in (await rest.get("/")).text
    finally:
        assert installation.stop() == 0


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        ({}, {}, NAME),
        ({"local_model": "off"}, {}, None),
        ({"llm_model_name": "m"}, {}, None),
        ({"llm_base_url": "http://127.0.0.1:1/v1"}, {}, None),
        ({"local_model": "on", "llm_model_name": "m"}, {}, NAME),
        ({}, {"ANTHROPIC_API_KEY": "k"}, None),
        ({}, {"ANTHROPIC_API_KEY": " "}, NAME),
        ({"find_models": False}, {"ANTHROPIC_API_KEY": "k"}, NAME),
    ],
)
def test_it_is_wanted_where_no_other_model_is_set_up(
    settings: dict[str, Any], environ: dict[str, str], expected: str | None
) -> None:
    chosen = part.wanted(Environment(llm_config_file="none.yml", **settings), environ)
    assert (chosen.name if chosen else None) == expected


def test_a_file_of_ones_own_is_no_demonstration(tmp_path: Path) -> None:
    demonstration = weights.of_demonstration()
    assert demonstration
    file = tmp_path / "Qwen3-0.6B.gguf"
    file.symlink_to(demonstration.file)
    chosen = part.wanted(Environment(local_model_file=str(file), llm_model_name="m"), {})
    assert chosen == weights.Weights(file, "Qwen3-0.6B")


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"])
def test_a_file_that_is_no_model_is_said_before_anything_starts(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CannotStartError, match=r"LOCAL_MODEL_FILE=.*model\.gguf"):
        part.wanted(Environment(local_model_file=str(file)), {})


def test_damaged_weights_are_known_by_their_hash(tmp_path: Path) -> None:
    demonstration = weights.of_demonstration()
    assert demonstration
    assert weights.is_whole(demonstration.file, demonstration.sha256)
    copy = tmp_path / "copy.gguf"
    shutil.copy(demonstration.file, copy)
    with copy.open("r+b") as handle:
        handle.seek(1_000_000)
        handle.write(b"\0" * 8)
    assert not weights.is_whole(copy, demonstration.sha256)
