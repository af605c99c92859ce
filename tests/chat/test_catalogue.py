"""Models of the catalogue, from each source, also when a source is wrong."""

import asyncio
import dataclasses
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chat import catalogue
from chat.catalogue.checks import the_list_of_models
from chat.events import Usage
from chat.providers import sessions
from chat.providers.base import ModelConfig
from chat.providers.known import model_finder, prices
from chat.providers.known.found import Found
from chat.providers.known.llms_file import LlmsFile, parse
from chat.providers.known.model_finder import Finder, Source
from chat.providers.setup_help import UNSET
from tests.providers.server import StandIn, serving

SEED = """
llms:
  - name: "Anthropic Claude"
    provider: "anthropic"
    base_url: "https://api.anthropic.com/v1"
    api_key: "${LLM_API_KEY}"
    model_name: "claude-3-5-sonnet-20241022"
  - name: "Local Ollama"
    provider: "ollama"
    base_url: "http://localhost:11434/v1"
    api_key: "not-required"
    model_name: "llama2"
"""


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving(models=["llama3.2", "nomic-embed-text"]) as server:
        yield server
        await sessions.close()


@dataclasses.dataclass
class World:
    """Sources of the catalogue, in the test's hands."""

    file: Path
    found: list[Found]
    settings: Any

    def given(self, **members: Any) -> None:
        """Replaces settings of the environment."""
        self.settings.ENVIRONMENT = msgspec.structs.replace(self.settings.ENVIRONMENT, **members)


@pytest.fixture
def world(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path / "llms.yml", [], settings)
    world.given(llm_base_url="", llm_api_key="", llm_model_name="", find_models=True)
    file = LlmsFile(world.file, {"LLM_API_KEY": "k-1"})

    async def read() -> list[Found]:
        return world.found

    monkeypatch.setattr(catalogue, "_file", lambda: file)
    monkeypatch.setattr(catalogue._found, "read", read)
    monkeypatch.setattr(catalogue, "environ", lambda: {"OPENAI_API_KEY": " k-2\n"})
    return world


async def names() -> list[str]:
    return [model.name for model in await catalogue.models()]


async def test_without_any_source_a_chat_still_gets_an_answer(world: World) -> None:
    assert await catalogue.models() == []
    assert await catalogue.find(None) is UNSET
    assert await catalogue.find("gone") is UNSET


async def test_sources_come_in_order_and_the_first_of_a_name_wins(world: World) -> None:
    world.given(llm_base_url="http://127.0.0.1:9/v1", llm_model_name="mine")
    world.file.write_text(SEED)
    world.found = [Found("mine", "ollama", "other"), Found("gpt-4o", "openai", "gpt-4o", key="OPENAI_API_KEY")]
    assert await names() == ["mine", "Anthropic Claude", "Local Ollama", "gpt-4o"]
    assert (await catalogue.find(None)).base_url == "http://127.0.0.1:9/v1"
    assert (await catalogue.find("gpt-4o")).api_key == "k-2"


async def test_finding_can_be_switched_off(world: World) -> None:
    world.found = [Found("llama", "ollama", "llama")]
    world.given(find_models=False)
    assert await names() == []


async def test_an_unknown_model_is_refused_in_a_sentence(world: World) -> None:
    world.file.write_text(SEED)
    with pytest.raises(catalogue.UnknownModel, match="The model “gone” is no longer available"):
        await catalogue.find("gone")
    assert (await catalogue.find(UNSET.name)).name == "Anthropic Claude"


async def test_a_change_of_the_file_counts_at_once(world: World) -> None:
    world.file.write_text(SEED)
    assert await names() == ["Anthropic Claude", "Local Ollama"]
    world.file.write_text(SEED.replace("Local Ollama", "The cellar"))
    assert await names() == ["Anthropic Claude", "The cellar"]
    world.file.unlink()
    assert await names() == []


def test_what_is_wrong_with_a_file_is_said_without_its_keys(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.file.write_text('llms:\n  - name: "a"\n    api_key: "the-key-itself" more\n')
    assert catalogue.listed().problem == "expected <block end>, but found '<scalar>' in line 3."
    assert "the-key-itself" not in caplog.text


async def test_a_broken_file_leaves_the_last_good_list(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.file.write_text(SEED)
    await names()
    world.file.write_text("llms: [unfinished")
    assert await names() == ["Anthropic Claude", "Local Ollama"]
    assert "last good one stays in force" in caplog.text
    assert catalogue.listed().problem
    world.file.write_text(SEED)
    assert catalogue.listed().problem == ""


def test_a_missing_variable_makes_only_its_entry_unavailable() -> None:
    listed = parse(SEED, {})
    assert [model.name for model in listed.models] == ["Local Ollama"]
    assert listed.unavailable[0] == ("Anthropic Claude", "LLM_API_KEY is not set in the environment.")


def test_a_wrong_entry_does_not_take_the_others_along() -> None:
    listed = parse("llms:\n  - name: half\n  - {name: a, provider: Google, model_name: '7'}\n", {})
    assert listed.models == (ModelConfig("a", "gemini", "7"),)
    assert listed.unavailable[0].name == "half"


def test_the_shipped_file_offers_nothing_until_someone_fills_it_in() -> None:
    shipped = Path(__file__).parents[2] / "platform" / "config" / "llms.yml"
    assert parse(shipped.read_text(encoding="utf-8"), {}) == ((), (), "")


async def test_a_running_ollama_is_found_without_its_embedding_models(stand_in: StandIn) -> None:
    local = [Source("ollama", stand_in.openai_url, every=0.0)]
    found = await Finder(local, {}).look()
    assert [(model.name, model.provider, model.model) for model in found] == [("llama3.2", "ollama", "llama3.2:latest")]


async def test_a_stopped_ollama_is_forgotten_and_comes_back(stand_in: StandIn) -> None:
    looking = Finder([Source("ollama", stand_in.openai_url, every=0.0)], {})
    assert await looking.look()
    await stand_in.stop()
    assert await looking.look() == []
    await stand_in.start()
    assert await looking.look()


async def test_a_provider_out_of_reach_keeps_its_models(stand_in: StandIn) -> None:
    looking = Finder([Source("openai_compatible", stand_in.openai_url, "MY_KEY", every=0.0)], {"MY_KEY": "k"})
    before = await looking.look()
    await stand_in.stop()
    assert before == await looking.look() != []
    assert "k" not in msgspec.json.encode([model.key for model in before]).decode().replace("MY_KEY", "")


async def test_something_else_on_the_port_does_no_harm() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"models": [1]}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await Finder([Source("ollama", f"http://127.0.0.1:{port}/v1")], {}).look() == []
    server.close()
    await sessions.close()


def test_keys_in_the_environment_name_their_providers() -> None:
    environ = {"GOOGLE_API_KEY": "a", "OPENAI_API_KEY": "b", "LLM_BASE_URL": "http://box:8000/v1"}
    asked = model_finder.sources(environ, local=())
    assert [(source.provider, source.key) for source in asked] == [
        ("openai_compatible", "LLM_API_KEY"),
        ("openai", "OPENAI_API_KEY"),
        ("gemini", "GOOGLE_API_KEY"),
    ]


def test_the_same_model_at_two_places_gets_two_names() -> None:
    here, there = model_finder.LOCAL
    assert [found.name for found in model_finder.named([(here, "gemma"), (there, "gemma")])] == ["gemma", "gemma (LM Studio)"]


def test_prices_are_known_without_importing_litellm() -> None:
    gpt = ModelConfig("GPT", "openai", "gpt-4o")
    assert prices.cost(gpt, Usage(1_000_000, 1_000_000)) == pytest.approx(12.5)
    assert prices.cost(gpt, Usage(1, 1, cost=0.5)) == 0.5
    assert prices.cost(ModelConfig("x", "ollama", "no-such-model"), Usage(1, 1)) is None
    assert prices.is_for_chat("openai", "gpt-4o")
    assert not prices.is_for_chat("openai", "text-embedding-3-small")


def test_a_model_never_prints_its_key() -> None:
    assert "secret" not in repr(ModelConfig("a", "b", "c", api_key="secret"))


def test_what_is_wrong_with_the_file_is_a_system_check(world: World) -> None:
    world.file.write_text(SEED.replace("LLM_API_KEY", "NOT_SET"))
    assert [message.id for message in the_list_of_models(None)] == ["chat.W002"]
    world.file.write_text("llms: [")
    assert "chat.W001" in [message.id for message in the_list_of_models(None)]


def test_the_catalogue_does_without_litellm() -> None:
    code = (
        "import django, sys; django.setup(); import chat.catalogue, chat.providers.routing; sys.exit('litellm' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": ".:platform", "DJANGO_SETTINGS_MODULE": "galaxy.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=environment, check=True)
