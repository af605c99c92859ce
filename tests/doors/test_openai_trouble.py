"""`/v1` in trouble: something dies, is full, or needs its own data back."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.client import Client
from tests.doors.openai_client import asking, sent_for, until, with_key
from tests.doors.test_openai_client import PIXEL
from tests.doors.test_openai_tools import CITY, WEATHER
from tests.ports import free_port
from tests.stack import CLAUDE, DOORS, MODELS, Galaxy, Providers

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def strict_galaxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation where a person has one answer at a time, which is the default."""
    folder = Path(tempfile.mkdtemp(prefix="galaxy-"))
    one = Galaxy(folder, free_port(), stand_in_process, models=MODELS + CLAUDE + DOORS, PARALLEL_ANSWERS="1")
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def client(strict_galaxy: Galaxy) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client, with a token that the owner makes on the page of settings."""
    async with Client(strict_galaxy.base_url, strict_galaxy.owner_cookie()).rest() as rest:
        form = {"name": "program", "scopes": ["chat:read", "chat:write"], "days": "7"}
        page = await rest.post("/settings/tokens", data=form)
    (key,) = re.findall(r">(gxy_pat_[^<]+)</code>", page.text)
    async with with_key(strict_galaxy, key) as made:
        yield made


async def test_a_second_answer_at_once_is_refused_and_told_when_to_come_back(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient
) -> None:
    first = await client.chat.completions.create(model="Stand-in", messages=asking("[[tokens=4000 rate=20]]"), stream=True)
    await anext(first)
    with pytest.raises(openai.RateLimitError) as error:
        await client.chat.completions.create(model="Stand-in", messages=asking("Me too"))
    assert error.value.code == "rate_limit_exceeded"
    assert int(error.value.response.headers["Retry-After"]) > 0
    await first.close()
    await until(lambda: _accepted(client))


async def _accepted(client: openai.AsyncOpenAI) -> bool:
    try:
        await client.chat.completions.create(model="Stand-in", messages=asking("[[tokens=1]]"))
    except openai.RateLimitError:
        return False
    return True


@pytest.mark.parametrize("model", ["Stand-in Gemini", "Stand-in Claude", "Stand-in plain"])
async def test_a_provider_gets_its_own_data_back_with_the_results_of_the_clients_tools(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient, model: str
) -> None:
    mark = f"Signed for {model}"
    messages: list[Any] = asking(f"{mark} [[{CITY} reasoning=3 text='It is sunny']]")
    answer = await client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    (call,) = answer.choices[0].message.tool_calls or []
    messages += [
        {"role": "assistant", "tool_calls": [{"id": call.id, "type": "function", "function": call.function.model_dump()}]},  # type: ignore[union-attr]
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny"},
    ]
    answer = await client.chat.completions.create(model=model, messages=messages, tools=[WEATHER])
    assert answer.choices[0].message.content == "It is sunny"
    assert ("signature" in str(await sent_for(providers, mark))) == (model != "Stand-in plain")


async def test_an_image_goes_through_litellm(client: openai.AsyncOpenAI, providers: httpx.AsyncClient) -> None:
    picture: Any = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    content: Any = [{"type": "text", "text": "Picture for Claude [[text='A pixel']]"}, picture]
    question: Any = [{"role": "user", "content": content}]
    answer = await client.chat.completions.create(model="Stand-in Claude", messages=question, max_tokens=50)
    assert answer.choices[0].message.content == "A pixel"
    sent = (await sent_for(providers, "Picture for Claude"))["messages"][0]["content"]
    assert sent[1]["source"] == {"type": "base64", "media_type": "image/png", "data": PIXEL}


async def test_a_killed_runner_ends_the_stream_with_an_error_and_the_next_answer_comes(
    strict_galaxy: Galaxy, client: openai.AsyncOpenAI
) -> None:
    stream = await client.chat.completions.create(model="Stand-in", messages=asking("[[tokens=4000 rate=20]]"), stream=True)
    await anext(stream)
    strict_galaxy.kill("runner")
    with pytest.raises(openai.APIError) as error:
        async with asyncio.timeout(60):
            async for _ in stream:
                pass
    assert error.value.code == "interrupted"
    await strict_galaxy.until_ready("runner")
    assert await _accepted(client)
