"""One chunk of an OpenAI-compatible stream, or a whole answer, as typed values. Pure.

A member of the wrong type is read as one that is not there: the text beside it still counts.
"""

import json
from typing import Any, TypeVar

import msgspec


class ToolCall(msgspec.Struct):
    """A piece of a call."""

    index: int | None = None
    id: str | None = None
    function: dict[str, Any] = {}
    extra_content: Any = None  # Google's signatures


class Delta(msgspec.Struct):
    """More of the answer; or all of it, as `message`."""

    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None  # OpenRouter's
    refusal: Any = None
    tool_calls: list[ToolCall] | None = None


class Choice(msgspec.Struct):
    """The one answer that was asked for."""

    index: Any = None
    delta: Delta | None = None
    message: Delta | None = None
    text: Any = None
    finish_reason: Any = None
    usage: Any = None


class Chunk(msgspec.Struct):
    """An event or a whole body. Ollama's own answers have `message` and `done`; failures any of the last."""

    choices: list[Choice] | None = None
    usage: Any = None
    message: Any = None
    done: Any = None
    done_reason: Any = None
    prompt_eval_count: Any = None
    eval_count: Any = None
    object: Any = None
    code: Any = None
    error: Any = None
    errors: Any = None
    detail: Any = None
    msg: Any = None


S = TypeVar("S", bound=msgspec.Struct)
_decode = msgspec.json.Decoder(Chunk).decode
_forgiving = json.JSONDecoder(strict=False)


class NotJSONError(ValueError):
    """The payload is not a JSON object."""


def decoded(payload: bytes) -> Chunk:
    """The chunk. Raises NotJSONError.

    The second way reads what only the first refuses: odd members, halves of a surrogate pair, line ends in texts.
    """
    try:
        return _decode(payload)
    except RecursionError as error:
        raise NotJSONError from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _read_again(payload)


def value_in(payload: bytes) -> Any:
    """The value of JSON that may be a little odd: numbers that are not, line ends in texts. Raises NotJSONError."""
    try:
        return _forgiving.decode(payload.decode().strip())
    except (ValueError, RecursionError) as error:
        raise NotJSONError from error


def _read_again(payload: bytes) -> Chunk:
    value = value_in(payload)
    if isinstance(value, list) and value:
        value = value[0]  # Gemini's errors
    if not isinstance(value, dict):
        raise NotJSONError
    chunk = _fitting(value, Chunk)
    chunk.choices = [_choice(one) for one in _dicts(value["choices"])] if "choices" in value else None
    return chunk


def _choice(value: dict[str, Any]) -> Choice:
    choice = _fitting(value, Choice)
    choice.delta, choice.message = (delta_of(value.get(name)) for name in ("delta", "message"))
    return choice


def delta_of(value: Any) -> Delta | None:
    """The delta that a value is: its members that fit, or a text alone; None for any other."""
    if not isinstance(value, dict):
        return Delta(content=value) if isinstance(value, str) else None
    delta = _fitting(value, Delta)
    delta.tool_calls = [_fitting(call, ToolCall) for call in _dicts(value.get("tool_calls"))]
    return delta


def _dicts(value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def _fitting(value: dict[str, Any], kind: type[S]) -> S:
    """The struct of those members that fit."""
    members = {}
    for field in msgspec.structs.fields(kind):
        if field.name in value:
            try:
                members[field.name] = msgspec.convert(value[field.name], field.type)
            except (msgspec.ValidationError, RecursionError):
                continue
    return kind(**members)
