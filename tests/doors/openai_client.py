"""OpenAI's own client, as a person's program uses it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import httpx
import openai
from asgiref.sync import sync_to_async
from openai.types.chat import ChatCompletionChunk
from openai.types.chat import ChatCompletionMessageParam as Message

from accounts.identity import tokens
from accounts.models import User
from tests.stack import Galaxy

SCOPES = ("chat:read", "chat:write", "tools:call")
T = TypeVar("T")


async def client_of(galaxy: Galaxy, person: User, *scopes: str, retries: int = 0) -> openai.AsyncOpenAI:
    """The client, with a new token of the person's."""
    _, text = await sync_to_async(tokens.issue)(person, "program", list(scopes or SCOPES), None)
    return with_key(galaxy, text, retries=retries)


def with_key(galaxy: Galaxy, key: str, *, retries: int = 0) -> openai.AsyncOpenAI:
    """The client with this key."""
    return openai.AsyncOpenAI(base_url=f"{galaxy.base_url}/v1", api_key=key, max_retries=retries, timeout=60)


def asking(text: str) -> list[Message]:
    """The messages of a question."""
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


def said(chunks: Iterable[ChatCompletionChunk]) -> str:
    """The text of a stream."""
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def all_sent_for(providers: httpx.AsyncClient, mark: str) -> list[dict[str, Any]]:
    """Return the calls that reached the provider for a request with this mark, in order."""
    calls = (await providers.get("/_calls")).json()["calls"]
    return [call for call in calls if mark in str(call["body"])]


async def sent_for(providers: httpx.AsyncClient, mark: str) -> dict[str, Any]:
    """Return the last request that reached the provider."""
    return dict((await all_sent_for(providers, mark))[-1]["body"])


async def until(look: Callable[[], Awaitable[T | None]], seconds: float = 30) -> T:
    """Repeat until the result is not empty; return it."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):
            await asyncio.sleep(0.05)
    return found
