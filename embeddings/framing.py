"""Messages between processes and the embedder over its socket: a length of four bytes, then MessagePack."""

import asyncio
import struct

import msgspec

from embeddings.vectors import Kind, Space

MOST_BYTES = 16 * 1024**2
MOST_TEXTS = 32  # in one request: a longer list is sent in pieces, between which other requests have their turn
HEAD = struct.Struct(">I")


class Embed(msgspec.Struct, tag=True, frozen=True):
    """Request for the vectors of some texts. None stands for the space of the settings."""

    texts: list[str]
    kind: Kind
    space: str | None = None


class AskState(msgspec.Struct, tag=True, frozen=True):
    """Request for the embedder's state, which wakes nothing."""


class Embedded(msgspec.Struct, tag=True, frozen=True):
    """The vectors."""

    space: Space
    data: bytes
    tokens: list[int]
    cut: list[int]


class State(msgspec.Struct, tag=True, frozen=True):
    """State of the embedder: whether a model is in memory, how many texts wait, and why the model failed last."""

    awake: bool
    waiting: int
    model: str
    problem: str = ""


class Failed(msgspec.Struct, tag=True, frozen=True):
    """An error, named by its class."""

    error: str
    message: str


Question = Embed | AskState
Answer = Embedded | State | Failed
_encoder = msgspec.msgpack.Encoder()
_questions = msgspec.msgpack.Decoder(Question)
_answers = msgspec.msgpack.Decoder(Answer)


def frame(message: Question | Answer) -> bytes:
    """Encode one message."""
    body = _encoder.encode(message)
    return HEAD.pack(len(body)) + body


async def question(reader: asyncio.StreamReader) -> Question:
    """Read a question. Raises IncompleteReadError at the end of the stream, ValueError for anything else than a question."""
    asked: Question = _questions.decode(await _body(reader))
    return asked


async def answer(reader: asyncio.StreamReader) -> Answer:
    """Read an answer."""
    given: Answer = _answers.decode(await _body(reader))
    return given


async def _body(reader: asyncio.StreamReader) -> bytes:
    (size,) = HEAD.unpack(await reader.readexactly(HEAD.size))
    if size > MOST_BYTES:
        raise ValueError(size)
    return await reader.readexactly(size)
