"""Titles and follow-up questions: written by a model beside the answers, which never wait for them."""

import asyncio
import tempfile
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.prompts.asides import words
from chat.prompts.asides.choosing import _is_too_small
from chat.providers.base import ModelConfig
from tests.client import Client
from tests.ports import free_port
from tests.stack import Galaxy, Providers

ASKED = "Please tell me about the colours of the sea and of the sky"
THREE = "Why is it blue?\\n2. What of the sky?\\nNo question\\n- Is it deep?"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Colours of the Sea", "Colours of the Sea"),
        ('"Colours of the Sea."\n\nI hope that helps!', "Colours of the Sea"),
        ("**Title: Colours of the Sea**", "Colours of the Sea"),
        ("# 海的颜色。", "海的颜色"),
        ("\n\n  A\tB\x00C  \n", "A BC"),
        ("Colours \u202eaes eht fo\U000e0041\U000e0042", "Colours aes eht fo"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("I'm sorry, but I cannot do that", ""),
        ("x" * 81, ""),
        (" \n\u200b", ""),
    ],
)
def test_a_title_is_one_short_line(said: str, title: str) -> None:
    assert words.title(said) == title


def test_questions_are_those_lines_that_ask() -> None:
    assert words.questions(THREE.replace("\\n", "\n")) == ["Why is it blue?", "What of the sky?", "Is it deep?"]
    assert words.questions("Why\U000e0041\u200b is it blue?") == ["Why is it blue?"]
    assert words.questions("A?\nA?\nB?\nC?\nD?") == ["A?", "B?", "C?"]
    assert words.questions(f"{'x' * 120}?\n海是什么颜色？\nI'm sorry?") == ["海是什么颜色？"]


@pytest.mark.parametrize(
    ("provider", "model", "is_too_small"),
    [
        ("ollama", "qwen2.5:0.5b", False),
        ("ollama", "smollm2:135m", True),
        ("llamacpp", "gemma-3-270m-it-Q8_0.gguf", True),
        ("ollama", "llama3.2:latest", False),
        ("vllm", "meta-llama/Llama-3.1-8B-Instruct", False),
        ("openai", "gpt-4o-mini-135m", False),
    ],
)
def test_small_models_of_ones_own_machine_write_no_titles(provider: str, model: str, *, is_too_small: bool) -> None:
    assert _is_too_small(ModelConfig(name="Mine", provider=provider, model=model)) is is_too_small


@pytest.fixture(scope="module")
def galaxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation whose models write titles and follow-up questions."""
    settings = {"TITLE_MODEL": "own", "FOLLOW_UP_MODEL": "Stand-in large", "FIRST_TOKEN_SECONDS": "20"}
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        installation = Galaxy(Path(folder), free_port(), stand_in_process, **settings)
        installation.start()
        yield installation
        installation.stop()


@pytest.fixture(scope="module")
def owner(galaxy: Galaxy) -> Client:
    return Client(galaxy.base_url, galaxy.owner_cookie())


async def answered(client: Client, text: str, **more: Any) -> dict[str, Any]:
    """Ask, and wait for the end of the answer."""
    async with client.socket() as socket:
        accepted = await socket.ask(text, **more)
        assert (await socket.until_end(accepted["run_id"]))[-1]["status"] == "complete"
    return accepted


async def conversation(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    async with client.rest() as rest:
        found: dict[str, Any] = (await rest.get(f"/api/conversations/{asked['conversation_id']}")).json()
        return found


async def until_titled(client: Client, asked: dict[str, Any], title: str) -> None:
    async with asyncio.timeout(30):
        while (await conversation(client, asked))["title"] != title:
            await asyncio.sleep(0.1)


def calls(galaxy: Galaxy, asked: dict[str, Any]) -> dict[str, str]:
    """Return the outcomes of the run's requests to models, by their purpose."""
    code = f"""
from chat.models import ModelCall
print(dict(ModelCall.objects.filter(run="{asked["run_id"]}").values_list("purpose", "outcome")))
"""
    found: dict[str, str] = literal_eval(galaxy.manage("shell", "-c", code).strip().splitlines()[-1])
    return found


async def test_the_first_answer_gives_the_conversation_a_title(galaxy: Galaxy, owner: Client) -> None:
    asked = await answered(owner, f'{ASKED} [[text="**Title: Colours of the sea.**"]]')
    await until_titled(owner, asked, "Colours of the sea")
    assert await asyncio.to_thread(calls, galaxy, asked) == {"answer": "stop", "title": "stop", "follow-ups": "stop"}
    asked = await answered(owner, 'And now? [[text="Another title"]]', conversation_id=asked["conversation_id"])
    async with asyncio.timeout(30):
        while "follow-ups" not in await asyncio.to_thread(calls, galaxy, asked):
            await asyncio.sleep(0.2)
    assert (await conversation(owner, asked))["title"] == "Colours of the sea"


async def test_a_title_that_a_person_gave_meanwhile_stays(galaxy: Galaxy, owner: Client) -> None:
    asked = await answered(owner, f'{ASKED} [[text="Colours of the sea" delay=1]]')
    async with owner.rest() as rest:
        await rest.patch(f"/api/conversations/{asked['conversation_id']}", json={"title": "Mine"})
    async with asyncio.timeout(30):
        while "follow-ups" not in await asyncio.to_thread(calls, galaxy, asked):  # they come after the title
            await asyncio.sleep(0.2)
    assert (await conversation(owner, asked))["title"] == "Mine"


async def test_what_is_no_title_leaves_the_first_words(galaxy: Galaxy, owner: Client) -> None:
    asked = await answered(owner, f"{ASKED} [[text='Sorry, that is not possible']]")
    async with asyncio.timeout(30):
        while "title" not in await asyncio.to_thread(calls, galaxy, asked):
            await asyncio.sleep(0.2)
    assert (await conversation(owner, asked))["title"].startswith("Please tell me about")


async def test_nothing_is_asked_of_a_chat_that_was_deleted_meanwhile(galaxy: Galaxy, owner: Client) -> None:
    asked = await answered(owner, f'{ASKED} [[text="Colours of the sea" delay=5]]')
    async with owner.rest() as rest:
        assert (await rest.delete(f"/c/{asked['conversation_id']}/delete")).is_redirect
    later = await answered(owner, f'{ASKED} [[text="Colours of the sky" delay=5]]')  # whose questions come after the first's
    async with asyncio.timeout(120):
        while "follow-ups" not in await asyncio.to_thread(calls, galaxy, later):
            await asyncio.sleep(0.2)
    assert "follow-ups" not in await asyncio.to_thread(calls, galaxy, asked)


async def test_an_aside_takes_of_a_budget_of_tokens_and_is_not_a_request(galaxy: Galaxy, owner: Client) -> None:
    budgets = """
from accounts.models import Budget, User
person = User.objects.get(email="owner@localhost")
for measure in ("requests", "tokens"):
    Budget.objects.create(tenant=person.tenant, person=person, measure=measure, amount=1_000_000, period="month")
"""
    await asyncio.to_thread(galaxy.manage, "shell", "-c", budgets)
    async with owner.rest() as rest:
        before = {one["measure"]: one["used"] for one in (await rest.get("/api/limits")).json()}
        asked = await answered(owner, f'{ASKED} [[text="Colours of a budget"]]')
        await until_titled(owner, asked, "Colours of a budget")
        async with asyncio.timeout(20):
            while True:
                after = {one["measure"]: one["used"] for one in (await rest.get("/api/limits")).json()}
                if after["tokens"] - before["tokens"] >= 3 * 12:  # the answer, the questions, the title
                    break
                await asyncio.sleep(0.1)
    assert after["requests"] - before["requests"] == 1


async def test_questions_to_go_on_with_are_found_for_each_answer(owner: Client) -> None:
    asked = await answered(owner, f'{ASKED} [[text="{THREE}"]]'.replace("\\n", "\n"))
    async with owner.rest() as rest, asyncio.timeout(30):
        while "Is it deep?" not in (page := (await rest.get(f"/c/{asked['conversation_id']}/follow-ups")).text):
            await asyncio.sleep(0.1)
        assert page.count("data-suggestion") == 3
        async with owner.socket() as socket:
            again = await socket.ask("[[tokens=30 rate=20]]", conversation_id=asked["conversation_id"])
            assert "data-suggestion" not in (await rest.get(f"/c/{asked['conversation_id']}/follow-ups")).text
            await socket.until_end(again["run_id"])
