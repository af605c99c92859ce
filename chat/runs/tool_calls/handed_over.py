"""The model's side of calls that a program runs itself, kept until it comes back with their results.

The program's history has only the calls. The model's thoughts, signed by its provider, and results of Galaxy's tools would
be lost; some providers refuse calls without it. It is kept in Redis for an hour, for the person who asked.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from accounts.storage import connections
from chat import parts
from chat.parts import AnyPart, ToolCall, ToolResult

KEPT_SECONDS = 3600
MOST_BYTES = 512 * 1024

logger = logging.getLogger(__name__)


async def keep(person_id: UUID, made: Sequence[AnyPart]) -> None:
    """Keep an answer's parts, which end with the calls that are handed over."""
    last = _last_calls(made)
    stored = parts.encode(made)
    if not last or len(stored) > MOST_BYTES:
        return
    try:
        await _client().set(_key(person_id, last[0].call), stored, ex=KEPT_SECONDS)
    except RedisError as error:
        logger.warning("The model's side of a program's calls is not kept: %s", error)


async def restored(person_id: UUID, history: Sequence[AnyPart]) -> list[AnyPart]:
    """Return the parts of a model's turn as a program gives them, with the kept parts put back in their places."""
    said = [step for step in _steps(history) if parts.of_kind(ToolCall, step)]
    firsts = [parts.of_kind(ToolCall, step)[0].call for step in said]
    if not firsts:
        return list(history)
    kept = await _read(person_id, firsts)
    return [part for step in _steps(history) for part in _replaced(step, kept)]


async def forget(person_id: UUID) -> None:
    """Delete what is kept for a person."""
    try:
        if kept := [key async for key in _client().scan_iter(match=_key(person_id, "*"), count=1_000)]:
            await _client().delete(*kept)
    except RedisError as error:
        logger.warning("The model's side of a program's calls expires by itself within an hour: %s", error)


async def _read(person_id: UUID, calls: list[str]) -> dict[str, list[AnyPart]]:
    try:
        found = await _client().mget([_key(person_id, call) for call in calls])
    except RedisError as error:
        logger.warning("The model's side of a program's calls is not read: %s", error)
        return {}
    return {call: _decoded(stored) for call, stored in zip(calls, found, strict=True) if stored}


def _decoded(stored: bytes) -> list[AnyPart]:
    try:
        return parts.decode(stored)
    except msgspec.ValidationError:  # written by another version of Galaxy
        return []


def _replaced(step: list[AnyPart], kept: Mapping[str, list[AnyPart]]) -> list[AnyPart]:
    """Return the kept parts of a step, or the step itself if the program has changed it."""
    calls = parts.of_kind(ToolCall, step)
    made = kept.get(calls[0].call, []) if calls else []
    is_same = [call.call for call in calls] == [call.call for call in _last_calls(made)] and _words(step) == _words(made)
    return made if made and is_same else step


def _steps(history: Iterable[AnyPart]) -> list[list[AnyPart]]:
    """Split a turn into the parts between results, and each result by itself."""
    steps: list[list[AnyPart]] = []
    for part in history:
        if isinstance(part, ToolResult) or not steps or isinstance(steps[-1][0], ToolResult):
            steps.append([part])
        else:
            steps[-1].append(part)
    return steps


def _last_calls(made: Sequence[AnyPart]) -> list[ToolCall]:
    answered = {result.call for result in parts.of_kind(ToolResult, made)}
    return [call for call in parts.of_kind(ToolCall, made) if call.call not in answered]


def _words(made: Iterable[AnyPart]) -> str:
    return "".join(parts.text_of(made).split())


def _key(person_id: UUID, call: str) -> str:
    return f"handed-over:{person_id}:{call}"


def _client() -> Any:
    # redis-py types each answer as every form that any protocol version could give.
    return connections.redis()
