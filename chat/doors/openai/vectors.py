"""`POST /v1/embeddings`: texts as vectors, within the person's budgets."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from redis.exceptions import RedisError
from uuid_utils.compat import uuid7

from accounts import audit, limits
from accounts.limits import Asked, Count, Spent, Use
from accounts.models import User
from accounts.storage.connections import in_database
from chat.doors.openai.errors import Refusal, Refused, bad, no_model
from chat.doors.openai.wanted import decoded
from chat.errors import OverBudget, Unavailable
from chat.providers.reading.counting import BYTES_A_TOKEN
from embeddings import CannotEmbed, EmbedderBusy, UnknownSpace, Vectors, embed

USUAL = "galaxy-embeddings"  # the model that the settings name
MOST_TEXTS = 2048
TOKENS = "`input` holds token ids. Send texts: token ids differ from model to model."


class WantedVectors(msgspec.Struct):
    """Body of the request. `input_type` is Galaxy's own field: a text to search with, or one to be found."""

    model: str
    input: Any
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    input_type: Literal["query", "passage"] = "query"


async def answer(person: User, body: bytes) -> dict[str, Any]:
    """Return the vectors of the request's texts. Raises Refused and ChatError."""
    wanted = decoded(body, WantedVectors)
    texts = _texts(wanted.input)
    async with _counted(person, texts) as spent:
        made = await _made(wanted, texts)
        spent.append(sum(made.tokens))
    if wanted.dimensions not in (None, made.space.dimensions):
        raise bad(f"The vectors have {made.space.dimensions} dimensions. Ask for that number, or for none.", "dimensions")
    audit.record("texts.embedded", "model", made.space.name, texts=len(texts), tokens=sum(made.tokens))
    return await asyncio.to_thread(_told, made, wanted.encoding_format)


def _texts(given: Any) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or len(texts) > MOST_TEXTS:
        raise bad(f"`input` must be a text, or a list of 1 to {MOST_TEXTS:,} texts.", "input")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise bad(TOKENS, "input")
        if not text:
            raise bad("`input` holds an empty text. Leave it out.", f"input[{place}]")
    return texts


async def _made(wanted: WantedVectors, texts: list[str]) -> Vectors:
    space = None if wanted.model == USUAL else wanted.model
    try:
        return await embed(texts, wanted.input_type, space)
    except UnknownSpace as error:
        raise no_model(wanted.model) from error
    except CannotEmbed as error:
        soon = 1.0 if isinstance(error, EmbedderBusy) else None
        raise Refused(Refusal(503, str(error), "unavailable", retry_after=soon, may_pass=not error.is_permanent)) from error


def _told(made: Vectors, encoding: str) -> dict[str, Any]:
    """The answer. Its numbers are written one vector at a time: all of them at once would hold the process up."""
    written = [
        base64.b64encode(vector).decode() if encoding == "base64" else msgspec.Raw(msgspec.json.encode(vector.tolist()))
        for vector in made
    ]
    data = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(written)]
    count = sum(made.tokens)
    return {
        "object": "list",
        "data": data,
        "model": made.space.name,
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }


@asynccontextmanager
async def _counted(person: User, texts: list[str]) -> AsyncIterator[list[int]]:
    """Reserve the tokens of the texts, and settle those that the block adds to the list. Raises OverBudget, Unavailable.

    All are counted under one name, whichever the request used: a budget for one would not hold for the other.
    """
    hold, at, token_id = uuid7(), datetime.now(UTC), audit.actor().token_id
    counts = await in_database(limits.counts_for, Use(person, token_id, model=USUAL, provider="embedder"), at)
    await _reserve(hold, counts, sum(len(text.encode()) for text in texts) // BYTES_A_TOKEN, at)
    took: list[int] = []
    try:
        yield took
    finally:
        if took:
            whose = {"tenant_id": person.tenant_id, "person_id": person.pk, "token": token_id}
            await in_database(limits.enter, hold, at=at, model=USUAL, provider="embedder", tokens=took[0], **whose)
            await limits.settle(hold, counts, Spent(tokens=took[0]))
        else:
            await limits.release(hold, counts)


async def _reserve(hold: UUID, counts: list[Count], tokens: int, at: datetime) -> None:
    try:
        await limits.reserve(hold, counts, Asked(tokens), now=at)
    except limits.OverBudget as error:
        raise OverBudget(str(error), error.retry_after) from error
    except RedisError as error:
        raise Unavailable("What is left of your budgets cannot be checked right now. Please send it again.") from error
