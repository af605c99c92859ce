"""Health of models, with two web processes and two runners: noted from answers, checked, seen by all of them."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat.catalogue.health.state import Health, after_failure, state_of
from chat.providers import error_mapping
from chat.providers.base import ModelConfig
from tests.client import Client, text_of
from tests.conftest import FOLDER
from tests.ports import free_port
from tests.providers.server import StandIn
from tests.stack import KEY, Galaxy, Providers

PORT = free_port()
HOUSE = "http://127.0.0.1:{port}/v1"
MODELS = """
llms:
  - {{name: "Well", provider: openai, model_name: stand-in-small, base_url: "{url}/v1", api_key: "{key}"}}
  - {{name: "Absent", provider: openai, model_name: stand-in-small, base_url: "http://127.0.0.1:%d/v1", api_key: "{key}"}}
  - {{name: "Locked", provider: openai, model_name: stand-in-small, base_url: "{url}/v1", api_key: "sk-wrong"}}
  - {{name: "Nameless", provider: openai, model_name: no-such-model, base_url: "{url}/v1", api_key: "{key}"}}
"""
ALIAS = """
from accounts.people import directory
from chat.models import ModelAlias
alias = ModelAlias.objects.create(tenant=directory.owner().tenant, name="Both")
alias.members.create(model="Locked", position=0)
alias.members.create(model="Well", position=1)
"""
SPARE = """
  - {{name: "{name}", provider: openai, model_name: stand-in-small, base_url: "{url}/v1", api_key: "{key}"}}
"""


@pytest.fixture(scope="module")
def house(stand_in_process: Providers) -> Iterator[Galaxy]:
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    two = {"WEB_PROCESSES": "2", "RUNNER_PROCESSES": "2"}
    house = Galaxy(folder, free_port(), stand_in_process, models=MODELS % PORT, MODEL_HEALTH="watch", **two)
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="module")
def owner(house: Galaxy) -> Client:
    return Client(house.base_url, house.owner_cookie())


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    """The server of the model “Absent”, which no one has started yet."""
    server = StandIn(port=PORT)
    yield server
    await server.stop()


def add(house: Galaxy, name: str, url: str) -> None:
    """Put another model into the operator's list."""
    file = Path(house.data_dir) / "llms.yml"
    file.write_text(file.read_text() + SPARE.format(name=name, url=url, key=KEY))


async def listed(client: Client) -> dict[str, dict[str, Any]]:
    async with client.rest() as rest:
        return {model["name"]: model for model in (await rest.get("/api/models")).json()}


async def until(client: Client, is_so: Callable[[dict[str, dict[str, Any]]], bool], within: float = 40) -> float:
    """Wait until ten new connections in a row, to both web processes, see the models in these states; return the seconds."""
    began, in_a_row = time.monotonic(), 0
    async with asyncio.timeout(within):
        while in_a_row < 10:
            in_a_row = in_a_row + 1 if is_so(await listed(client)) else 0
            await asyncio.sleep(0 if in_a_row else 0.05)
    return time.monotonic() - began


async def answer(client: Client, model: str, text: str = "[[tokens=3]]", **asked: Any) -> list[dict[str, Any]]:
    async with client.rest() as rest:
        accepted = await rest.post("/api/runs", json={"text": text, "model": model, **asked})
        assert accepted.status_code == httpx.codes.CREATED, accepted.text
    return await client.events(accepted.json()["run_id"])


def test_what_a_provider_says_of_a_question_is_told_to_who_asked_alone() -> None:
    body = '{"error": {"message": "cannot parse: a secret of mine"}}'
    error = error_mapping.of_status(500, ModelConfig("Ours", "openai", "m"), body=body)
    assert "a secret of mine" in str(error)
    assert after_failure(Health(), error, "overloaded", 0.0, opens=True).reason == "OpenAI is having problems right now."


def test_a_question_that_a_provider_turns_down_says_nothing_of_the_model() -> None:
    body = '{"error": {"message": "Your input was flagged by moderation"}}'
    error = error_mapping.of_status(403, ModelConfig("Ours", "openrouter", "m"), body=body)
    assert (error.code, state_of(error)) == ("model_refused", None)


async def test_each_model_is_asked_at_the_start_and_each_trouble_has_its_own_state_and_words(owner: Client) -> None:
    expected = {"Well": "well", "Absent": "unreachable", "Locked": "unauthorised", "Nameless": "unknown_model"}
    await until(owner, lambda models: {name: model["state"] for name, model in models.items()} == expected)
    models = await listed(owner)
    assert models["Well"]["reason"] == ""
    assert models["Absent"]["reason"] == "OpenAI cannot be reached."
    assert models["Locked"]["reason"].startswith("OpenAI does not accept the key of “Locked”.")
    assert models["Nameless"]["reason"] == "OpenAI has no model “no-such-model”, or its address is wrong."


async def test_the_page_and_the_parts_report_it_and_work(house: Galaxy, owner: Client) -> None:
    await until(owner, lambda models: models["Absent"]["state"] == "unreachable")
    async with owner.rest() as rest:
        page = await rest.get("/")
        ready = await rest.get("/readyz")
    assert page.status_code == ready.status_code == httpx.codes.OK
    assert "Not reachable" in page.text
    assert ready.json()["parts"]["models"]["count"] == 4
    assert ready.json()["parts"]["models"]["degraded"] == 3
    assert "Absent" not in ready.text
    async with asyncio.timeout(20):
        while "Absent: OpenAI cannot be reached." not in await asyncio.to_thread(house.manage, "doctor"):
            await asyncio.sleep(0.2)


async def test_a_question_to_a_model_that_is_down_fails_at_once_and_others_are_offered(owner: Client) -> None:
    await until(owner, lambda models: models["Locked"]["state"] == "unauthorised")
    await answer(owner, "Locked")  # may be the one that tries it
    began = time.monotonic()
    frames = await answer(owner, "Locked")
    assert time.monotonic() - began < 10
    assert frames[-1]["error"]["code"] == "model_down"
    assert "does not accept the key" in frames[-1]["error"]["message"]
    assert frames[-1]["error"]["retry_after"] >= 1
    async with owner.rest() as rest:
        page = await rest.get(f"/c/{frames[0]['conversation_id']}")
        again = await rest.post(f"/api/runs/{frames[-1]['run_id']}/continue", json={"model": "Well"})
    assert "Try again with Well" in page.text
    assert "with Absent" not in page.text
    assert text_of(await owner.events(again.json()["run_id"]))


async def test_an_alias_does_not_ask_a_member_that_is_down(house: Galaxy, owner: Client, providers: httpx.AsyncClient) -> None:
    await asyncio.to_thread(house.manage, "shell", "-v", "0", "-c", ALIAS)
    await until(owner, lambda models: models["Locked"]["state"] == "unauthorised" and "Both" in models)
    assert (await listed(owner))["Both"]["state"] == "well"
    frames = await answer(owner, "Both", "Who is there? [[tokens=3]]")
    assert frames[-1]["models"] == ["Well"]
    calls = (await providers.get("/_calls")).json()["calls"]
    keys = [call["key"] for call in calls if "Who is there?" in str(call["body"])]
    assert keys in ([KEY], ["sk-wrong", KEY])  # the one that is let through, if the wait was just over


async def test_a_model_that_comes_back_is_noticed_without_a_question_and_one_that_goes_by_its_answers(
    house: Galaxy, owner: Client, server: StandIn
) -> None:
    add(house, "Away", f"http://127.0.0.1:{PORT}")  # checked only once until now, so that the next check comes soon
    await until(owner, lambda models: models.get("Away", {}).get("state") == "unreachable")
    async with owner.socket() as socket:
        await server.start()
        await until(owner, lambda models: models["Away"]["state"] == "well", within=60)
        async with asyncio.timeout(20):
            while (await socket.receive(with_notices=True)).get("topic") != "models":
                pass
    assert text_of(await answer(owner, "Away"))
    for call in server.calls.as_json()["calls"][:1]:
        assert (call["body"]["messages"][-1]["content"], call["body"]["max_tokens"]) == ("hi", 3)
    await server.stop()
    frames = await answer(owner, "Away")
    assert frames[-1]["error"]["code"] == "model_unreachable"
    assert await until(owner, lambda models: models["Away"]["state"] == "unreachable") < 5  # seen by both web processes


@pytest.mark.parametrize(("fault", "state"), [("429", "busy"), ("503", "overloaded"), ("stall@0", "silent")])
async def test_overload_and_silence_open_the_circuit_and_the_next_good_answer_closes_it(
    house: Galaxy, owner: Client, fault: str, state: str
) -> None:
    name = f"Failing {state}"
    add(house, name, house.providers.url)
    await until(owner, lambda models: models.get(name, {}).get("state") == "well")
    while (await listed(owner))[name]["state"] == "well":
        await answer(owner, name, f"[[fault={fault}]]")
    assert (await listed(owner))[name]["state"] == state
    await until(owner, lambda models: models[name]["state"] == "well")  # checked by Galaxy
    assert text_of(await answer(owner, name))
