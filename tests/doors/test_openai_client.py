"""The story of `/v1`, told with OpenAI's own client: models, answers, streams, images and structured answers."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam as Message
from pydantic import BaseModel

from accounts.models import AuditEntry, Usage, User
from accounts.storage.connections import in_database
from chat.deletion.marking import FOLLOWED_FOR
from chat.models import Conversation, GivenRequest, ModelCall, Run
from chat.models import Message as Stored
from chat.tasks import delete_marked_conversations
from tests.client import Client
from tests.doors.openai_client import asking, client_of, said, sent_for, until
from tests.stack import Galaxy

PIXEL = base64.b64encode(bytes.fromhex("89504e470d0a1a0a")).decode()


@pytest.fixture
async def client(galaxy: Galaxy, alice: User) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client, with a token of alice's."""
    async with await client_of(galaxy, alice) as made:
        yield made


async def test_it_lists_the_models_that_people_see(client: openai.AsyncOpenAI) -> None:
    names = [model.id async for model in client.models.list()]
    assert {"Stand-in", "Stand-in large", "dead"} <= set(names)
    assert (await client.models.retrieve("Stand-in large")).id == "Stand-in large"
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        await client.models.retrieve("none/such")


async def test_an_answer_comes_whole(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="Stand-in", messages=asking("[[text='Hello there' reasoning=3]]"))
    (choice,) = answer.choices
    assert (choice.message.content, choice.message.role, choice.finish_reason) == ("Hello there", "assistant", "stop")
    assert choice.message.model_extra
    assert choice.message.model_extra["reasoning_content"]
    assert (answer.object, answer.model) == ("chat.completion", "Stand-in")
    assert answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


async def test_a_stream_gives_the_same_and_its_usage_last(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="Stand-in", messages=asking("[[tokens=40]]"), stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len(said(chunks)) > 40
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.prompt_tokens == 12
    assert len({chunk.id for chunk in chunks}) == 1


async def test_the_provider_gets_the_messages_as_they_were_given(
    client: openai.AsyncOpenAI, providers: httpx.AsyncClient
) -> None:
    messages: list[Message] = [
        {"role": "developer", "content": "Rules of mine."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": [{"type": "text", "text": "Three [[tokens=1]]"}]},
    ]
    await client.chat.completions.create(
        model="Stand-in", messages=messages, temperature=0.5, top_p=0.9, max_tokens=77, stop=["END"], seed=3, user="someone"
    )
    sent = await sent_for(providers, "Rules of mine.")
    assert [turn["role"] for turn in sent["messages"]] == ["system", "user", "assistant", "user"]
    assert [turn["content"] for turn in sent["messages"]] == ["Rules of mine.", "One", "Two", "Three [[tokens=1]]"]
    asked = {name: sent[name] for name in ("temperature", "top_p", "max_tokens", "stop", "seed")}
    assert asked == {"temperature": 0.5, "top_p": 0.9, "max_tokens": 77, "stop": ["END"], "seed": 3}


async def test_an_image_reaches_the_model_in_its_place(client: openai.AsyncOpenAI, providers: httpx.AsyncClient) -> None:
    url = f"data:image/png;base64,{PIXEL}"
    content: Any = [
        {"type": "text", "text": "What is this picture?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        {"type": "text", "text": "[[text='A pixel']]"},
    ]
    answer = await client.chat.completions.create(model="Stand-in", messages=[{"role": "user", "content": content}])
    assert answer.choices[0].message.content == "A pixel"
    assert (await sent_for(providers, "What is this picture?"))["messages"][0]["content"] == content


class Weather(BaseModel):
    """Answer in a form."""

    place: str
    degrees: int


async def test_a_structured_answer_is_asked_for_and_parsed(client: openai.AsyncOpenAI, providers: httpx.AsyncClient) -> None:
    question = """Weather of structure [[text='{"place": "Bern", "degrees": 7}']]"""
    answer = await client.chat.completions.parse(model="Stand-in", messages=asking(question), response_format=Weather)
    assert answer.choices[0].message.parsed == Weather(place="Bern", degrees=7)
    wanted = (await sent_for(providers, "Weather of structure"))["response_format"]
    assert (wanted["type"], wanted["json_schema"]["name"], wanted["json_schema"]["strict"]) == ("json_schema", "Weather", True)


async def test_an_answer_without_a_word_is_one(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="Stand-in", messages=asking("[[text=' ' finish=length]]"))
    assert answer.choices[0].finish_reason == "length"


async def test_nothing_of_it_shows_and_nothing_is_kept(client: openai.AsyncOpenAI, alice: User, alice_client: Client) -> None:
    await client.chat.completions.create(model="Stand-in", messages=asking("A secret of the program [[tokens=3]]"))
    async with alice_client.rest() as rest:
        assert (await rest.get("/api/conversations")).json()["results"] == []
        assert "secret of the program" not in (await rest.get("/")).text
    mine = Conversation.objects.filter(owner=alice)
    talk = await mine.aget()
    assert talk.is_transient
    assert not await GivenRequest.objects.filter(run__conversation=talk).aexists()  # gone with the run's end
    await mine.aupdate(updated_at=talk.updated_at - 2 * FOLLOWED_FOR)
    await in_database(delete_marked_conversations)
    for kept in (Conversation.objects.filter(owner=alice), Run.objects.filter(person=alice)):
        assert not await kept.aexists()
    assert not await Stored.objects.filter(conversation=talk.pk).aexists()


async def test_it_is_in_the_ledger_and_the_audit(client: openai.AsyncOpenAI, alice: User) -> None:
    answer = await client.chat.completions.create(model="Stand-in", messages=asking("[[tokens=5]]"))
    run_id = UUID(answer.id.removeprefix("chatcmpl-"))
    spent = await Usage.objects.aget(pk=run_id)
    assert answer.usage
    assert (spent.person_id, spent.tokens) == (alice.pk, answer.usage.total_tokens)
    assert spent.token
    assert [call.purpose async for call in ModelCall.objects.filter(person=alice)] == ["answer"]  # no title is written
    asked = await until(lambda: AuditEntry.objects.filter(action="run.asked", target=str(run_id)).afirst())
    assert (asked.person, asked.via.partition(" ")[0]) == (str(alice.pk), "token")
