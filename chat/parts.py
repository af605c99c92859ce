"""The parts that a message is made of: the same values in the database, on every wire and on the page. Pure.

A part's number is its place in the message. `step` counts the requests that the answer took, from 1. `data` is what the
provider wants back unchanged (signed thinking, ids of its own); it is meant for its `origin` alone, and goes nowhere else.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

MOST_DATA = 256 * 1024  # bytes of one part's `data`, as JSON

NOT_RUN = "This call was not run."
NO_OUTPUT = "(no output)"  # an empty message is dropped or refused by some

Outcome = Literal["succeeded", "failed", "denied", "expired", "cancelled", "unknown"]


class Origin(msgspec.Struct, frozen=True):
    """The model that made a part: by which provider, and a hash of the credential and address it was asked under."""

    provider: str
    model: str
    credential: str = ""


class Part(msgspec.Struct, tag_field="type", frozen=True, omit_defaults=True, kw_only=True):
    """Common fields of all kinds."""

    step: int = 1
    origin: Origin | None = None
    data: dict[str, Any] | None = None

    words: ClassVar[str] = ""


class Text(Part, tag="text", frozen=True):
    """Words of the message, as Markdown."""

    text: str


class Reasoning(Part, tag="reasoning", frozen=True):
    """Thoughts of a model before it answered, and the whole seconds they took; redacted ones are in `data` alone."""

    text: str = ""
    redacted: bool = False
    seconds: int = 0


class Image(Part, tag="image", frozen=True):
    """An image, kept by the hash of its bytes. One that came within a request has its bytes in `url` (`data:…`) instead."""

    sha256: str
    media_type: str
    name: str = ""
    url: str = ""
    detail: str = ""


class File(Part, tag="file", frozen=True):
    """A file, kept by the hash of its bytes."""

    sha256: str
    media_type: str
    name: str = ""


class ToolCall(Part, tag="tool_call", frozen=True):
    """A model's call of a tool. `call` is Galaxy's own id of it (9 letters and digits); `arguments` are JSON as it came.

    `title` is what people call the tool; `repaired` says what was made right in the call before it ran.
    """

    call: str
    name: str
    arguments: str = "{}"
    title: str = ""
    repaired: tuple[str, ...] = ()


class ToolResult(Part, tag="tool_result", frozen=True):
    """Result of a call, as the model reads it, and the seconds that it took."""

    call: str
    outcome: Outcome
    text: str = ""
    truncated: bool = False
    seconds: float | None = None


class UIBlock(Part, tag="ui_block", frozen=True):
    """A component that a tool shows: its id, and its declaration."""

    component: str
    block: dict[str, Any]


class Citation(Part, tag="citation", frozen=True):
    """A source that the answer rests on, and the span of its characters."""

    source: str
    title: str = ""
    span: tuple[int, int] | None = None


class Artifact(Part, tag="artifact", frozen=True):
    """A version of something that the answer made: a file, a plot, a table."""

    artifact: str
    version: int = 1
    name: str = ""


AnyPart = Text | Reasoning | Image | File | ToolCall | ToolResult | UIBlock | Citation | Artifact
P = TypeVar("P", bound=Part)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[AnyPart])


def encode(parts: Sequence[AnyPart]) -> str:
    """The parts as they are stored: a JSON array."""
    return _encoder.encode(parts).decode()


def decode(stored: str | bytes) -> list[AnyPart]:
    """The parts of a JSON array. Raises msgspec.ValidationError."""
    return _decoder.decode(stored)


def of_kind(kind: type[P], parts: Iterable[AnyPart]) -> list[P]:
    """The parts of one kind."""
    return [part for part in parts if isinstance(part, kind)]


def text_of(parts: Iterable[AnyPart]) -> str:
    """The plain text, as the database derives it too (`chat_text_of`)."""
    return "".join(part.text for part in of_kind(Text, parts))


def reasoning_of(parts: Iterable[AnyPart]) -> str:
    """The thoughts, a blank line between those of different parts."""
    return "\n\n".join(part.text for part in of_kind(Reasoning, parts) if part.text)


def open_calls(parts: Iterable[AnyPart]) -> list[ToolCall]:
    """The calls that have no result yet, in order."""
    found = list(parts)
    answered = {result.call for result in of_kind(ToolResult, found)}
    return [call for call in of_kind(ToolCall, found) if call.call not in answered]


def steps_of(parts: Iterable[AnyPart]) -> Iterator[list[AnyPart]]:
    """Yield what was said between one group of results and the next."""
    said: list[AnyPart] = []
    for part in parts:
        if not isinstance(part, ToolResult):
            said.append(part)
        elif said:
            yield said
            said = []
    if said:
        yield said


def told(result: ToolResult | None) -> str:
    """The words in which a model reads what came of a call."""
    return NOT_RUN if result is None else result.text or NO_OUTPUT


def joined(parts: Iterable[AnyPart]) -> list[AnyPart]:
    """The parts, of which neighbouring texts are one: an answer that was continued reads as one text."""
    found: list[AnyPart] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Text) and isinstance(last, Text) and part.data is None and last.data is None:
            found[-1] = msgspec.structs.replace(last, text=last.text + part.text)
        else:
            found.append(part)
    return found


def public(parts: Iterable[AnyPart]) -> list[dict[str, Any]]:
    """The parts as a client sees them: without what is meant for the provider alone."""
    return [
        {name: value for name, value in msgspec.to_builtins(part).items() if name not in {"data", "origin"}} for part in parts
    ]
