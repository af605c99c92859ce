"""The endpoints of `/v1`."""

import asyncio
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.identity.callers import Caller
from chat.catalogue import UnknownModel, choices
from chat.doors.openai import errors, following, vectors, wanted, whole
from chat.doors.openai.chunks import Chunks
from chat.doors.openai.entrance import door
from chat.doors.openai.errors import Refusal, Refused
from chat.doors.openai.reading import pieces
from chat.errors import BadRequest, NotAllowed
from chat.providers.base import ModelConfig
from chat.runs import asking
from chat.runs.create_run import Started
from chat.runs.question import Completion

RUNS_TOOLS = "tools:call"


@door("GET")
async def models(request: HttpRequest) -> HttpResponseBase:
    """List the models that the person may use, the default first; the ids are the names that people see."""
    found = await choices.models_for(_caller(request).person)
    return _json({"object": "list", "data": [_model(model) for model in found]})


@door("GET")
async def model(request: HttpRequest, name: str) -> HttpResponseBase:
    """Describe one model."""
    found = await choices.models_for(_caller(request).person)
    named = next((model for model in found if model.name == name), None)
    if named is None:
        raise errors.no_model(name)
    return _json(_model(named))


@door("POST")
async def completions(request: HttpRequest) -> HttpResponseBase:
    """Answer the messages, as a whole or as a stream."""
    body, asked = await asyncio.to_thread(lambda: wanted.read(request.read()))
    if asked.galaxy_tools != () and not _caller(request).has(RUNS_TOOLS):
        words = f"This token may not run tools. It needs the scope {RUNS_TOOLS}."
        raise Refused(Refusal(403, words, "insufficient_permissions", "galaxy_tools"))
    started = await _started(request, asked)
    if body.stream:
        chunks = Chunks(started, with_usage=body.counts)
        return await following.stream(request, started, pieces(started.run_id), chunks)
    answer = await following.attended(request, started, whole.completion(started, pieces(started.run_id)))
    return _json(answer)


@door("POST")
async def embeddings(request: HttpRequest) -> HttpResponseBase:
    """Embed texts."""
    body = await asyncio.to_thread(request.read)
    return _json(await following.while_wanted(request, vectors.answer(_caller(request).person, body)))


async def _started(request: HttpRequest, asked: Completion) -> Started:
    try:
        return await asking.complete(_caller(request).person, asked)
    except (UnknownModel, NotAllowed) as error:
        raise errors.no_model(asked.model) from error
    except BadRequest as error:
        raise errors.bad(str(error), "galaxy_tools") from error


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.caller  # type: ignore[attr-defined]  # the door has let the caller in
    return caller


def _model(config: ModelConfig) -> dict[str, Any]:
    return {"id": config.name, "object": "model", "created": 0, "owned_by": config.provider}


def _json(told: dict[str, Any]) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(msgspec.json.encode(told), content_type="application/json", headers=headers)
