"""OpenAI's own client, as a program of a person uses it."""

from collections.abc import Iterable

import openai
from asgiref.sync import sync_to_async
from openai.types.chat import ChatCompletionChunk

from accounts.identity import tokens
from accounts.models import User
from tests.stack import Galaxy

SCOPES = ("chat:read", "chat:write", "tools:call")


async def client_of(galaxy: Galaxy, person: User, *scopes: str, retries: int = 0) -> openai.AsyncOpenAI:
    """The client, with a new token of the person's."""
    _, text = await sync_to_async(tokens.issue)(person, "program", list(scopes or SCOPES), None)
    return with_key(galaxy, text, retries=retries)


def with_key(galaxy: Galaxy, key: str, *, retries: int = 0) -> openai.AsyncOpenAI:
    """The client with this key."""
    return openai.AsyncOpenAI(base_url=f"{galaxy.base_url}/v1", api_key=key, max_retries=retries, timeout=60)


def said(chunks: Iterable[ChatCompletionChunk]) -> str:
    """The text of a stream."""
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
