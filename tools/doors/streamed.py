"""A call whose progress is told while it runs: one JSON object a line, the result in the last."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from django.http import HttpResponseBase, StreamingHttpResponse

from tools import calls
from tools.calls import Caller, Result
from tools.doors.callers import as_error
from tools.errors import CallRefused

LINES = "application/x-ndjson"
MOST_UNREAD = 100  # a client that reads slowly is told of fewer moments

Line = dict[str, Any]
Lines = asyncio.Queue[Line | None]  # None: the call is over


async def answer(caller: Caller, name: str, arguments: Line, last: Callable[[Result], Line]) -> HttpResponseBase:
    """Make the call, and answer with its progress and `last`. Raises CallRefused, before anything is told."""
    told: Lines = asyncio.Queue()

    def tell(fraction: float | None, words: str) -> None:
        if told.qsize() < MOST_UNREAD:
            told.put_nowait({"progress": fraction, "message": words})

    calling = asyncio.create_task(calls.call(msgspec.structs.replace(caller, progress=tell), name, arguments))
    calling.add_done_callback(lambda _: told.put_nowait(None))
    try:
        first = await told.get()
    except asyncio.CancelledError:
        calling.cancel()
        raise
    if first is None:
        calling.result()
    lines = _lines(first, told, calling, last)
    return StreamingHttpResponse(lines, content_type=LINES, headers={"Cache-Control": "no-store"})


async def _lines(
    line: Line | None, told: Lines, calling: asyncio.Task[Result], last: Callable[[Result], Line]
) -> AsyncIterator[bytes]:
    try:
        while line is not None:
            yield msgspec.json.encode(line) + b"\n"
            line = await told.get()
        yield msgspec.json.encode(_end(calling, last)) + b"\n"
    finally:
        calling.cancel()  # where the client has gone; a long one goes on


def _end(calling: asyncio.Task[Result], last: Callable[[Result], Line]) -> Line:
    try:
        return last(calling.result())
    except CallRefused as error:
        return as_error(error)[1]
