"""Runs as server-sent events (WHATWG HTML, section 9.2): every frame, or the process events alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from accounts.access.rights_changes import rights
from accounts.identity.callers import Caller, still
from accounts.storage.connections import in_database
from chat import access, events
from chat.delivery import connection_limits
from chat.delivery.live import hub
from chat.delivery.rendering import Rendering, render_frame
from chat.errors import BadRequest, NotSignedIn, TooManyOpen
from chat.events import Envelope
from chat.log.lines import Line, is_final
from chat.models import Run
from chat.runs import end_run

READ = "chat:read"
SILENCE_SECONDS = 15.0
MOST_DIGITS = 9
ALIVE = b": alive\n\n"
T = TypeVar("T")
RETRY = b"retry: 1000\n"  # part of the first event: some clients take it alone for an empty one


class EventsOf(Protocol):
    """A run's events beyond number `after`, each as bytes of the stream."""

    def __call__(self, run_id: UUID, *, after: int) -> AsyncIterator[bytes]:
        """A stream that ends with the run."""


def last_event_id(request: HttpRequest) -> int:
    """The number after which a client resumes; 0 at the first time. Raises BadRequest."""
    given = request.headers.get("Last-Event-ID", "") or request.GET.get("after", "") or "0"
    if not given.isascii() or not given.isdigit() or len(given) > MOST_DIGITS:
        raise BadRequest("Last-Event-ID is not the number of an event.")
    return int(given)


async def response(request: HttpRequest, run: Run, events_of: EventsOf) -> HttpResponseBase:
    """The run's events as an answer that no proxy may hold back or keep. It ends when the session of its request has ended.

    For a client that has seen the last event, 204: an EventSource would ask again for ever (HTML, section 9.2.3).
    Raises BadRequest and TooManyOpen.
    """
    after = last_event_id(request)
    if after and not run.is_open and (await in_database(end_run.final_line, run.pk)).seq <= after:
        return HttpResponse(status=204)
    return stream_of(request, events_of(run.pk, after=after), partial(_may_still_read, request, run.pk), at_once=after > 0)


def stream_of(
    request: HttpRequest,
    events_: AsyncIterator[bytes],
    may_still: Callable[[], Awaitable[bool]],
    *,
    at_once: bool,
    head: bytes = RETRY,
    farewell: bytes = b"",
) -> HttpResponseBase:
    """An answer of these events, for as long as `may_still` says so, then the `farewell`. Raises TooManyOpen."""
    if not connection_limits.has_room(request.caller.person.pk):  # type: ignore[attr-defined]  # set by the door
        raise TooManyOpen("You have too many chats open at once, in tabs or programs. Close some and try again.")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    coming = _kept(request, events_, may_still, at_once=at_once, head=head, farewell=farewell)
    return StreamingHttpResponse(coming, content_type="text/event-stream", headers=headers)


async def frames(run_id: UUID, *, after: int) -> AsyncIterator[bytes]:
    """Every frame of the run beyond `after`, in the socket's shape."""
    envelope = Envelope(request_id=None, run_id=str(run_id))
    async for lines in hub.follow(run_id, after):
        yield b"".join(_event(line.seq, envelope.wrap(line.frame)) for line in lines)


async def drawn_frames(run_id: UUID, *, after: int) -> AsyncIterator[bytes]:
    """The same with the answer's HTML besides, unnumbered, as the socket sends them (docs/protocol.md)."""
    envelope, rendering = Envelope(request_id=None, run_id=str(run_id)), Rendering()
    async for lines in hub.follow(run_id, 0):  # pieces count from the answer's beginning
        fresh = [_event(line.seq, envelope.wrap(line.frame)) for line in lines if line.seq > after or is_final(line.frame)]
        drawn = [b"data: %s\n\n" % render_frame(run_id, change) for change in await rendering.changes_of(lines)]
        yield b"".join([*fresh, *drawn])


async def process(run_id: UUID, *, after: int) -> AsyncIterator[bytes]:
    """The process events of the run beyond `after`, in the shape of seed 004."""
    yield b'data: {"type":"connected"}\n\n'
    async for lines in hub.follow(run_id, after):
        yield b"".join(map(_process_event, lines))


def _process_event(line: Line) -> bytes:
    if not line.frame.startswith(b'{"status":"event"'):
        return b""
    frame = events.decode(line.frame)
    return _event(line.seq, msgspec.json.encode(frame.event)) if isinstance(frame, events.EventFrame) else b""


def _event(seq: int, data: bytes) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (seq, data)


async def _kept(
    request: HttpRequest,
    stream: AsyncIterator[bytes],
    may_still: Callable[[], Awaitable[bool]],
    *,
    at_once: bool,
    head: bytes,
    farewell: bytes,
) -> AsyncIterator[bytes]:
    """Yield the stream with a comment line every 15 s of silence, so that neither side takes the other for gone.

    It ends when its reader may no longer read: checked whenever a person's rights change, and every half minute besides.
    """
    first = head
    caller: Caller = request.caller  # type: ignore[attr-defined]  # set by the door
    if not connection_limits.has_room(caller.person.pk):  # of many at once, each was let in before another was counted
        return
    refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ask = partial(_refuse_unless, may_still, refused)
    connection_limits.enter(caller.person.pk)
    watch, coming = rights.watch(caller.person.pk, ask, until=caller.until), _next(stream)
    try:
        if at_once:  # there may be nothing for long: who resumes is answered at once
            yield ALIVE
        while True:
            either: set[asyncio.Future[Any]] = {coming, refused}
            done, _ = await asyncio.wait(either, timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if refused in done:
                if farewell:
                    yield farewell
                return
            if coming in done:
                data = coming.result()
                coming = _next(stream)
                if data:
                    yield first + data
                    first = b""
            elif not done:
                yield ALIVE
    except StopAsyncIteration:
        return
    finally:
        connection_limits.leave(caller.person.pk)
        watch.close()
        coming.cancel()


async def _refuse_unless(may_still: Callable[[], Awaitable[bool]], refused: asyncio.Future[None]) -> None:
    if not await may_still() and not refused.done():
        refused.set_result(None)


def _next(iterator: AsyncIterator[T]) -> "asyncio.Future[T]":
    return asyncio.ensure_future(anext(iterator))


async def _may_still_read(request: HttpRequest, run_id: UUID) -> bool:
    """Check the credential and the run, as a socket does. Raises DatabaseError: no one is cut off for that."""
    try:
        caller = await still(request.scope, request.caller)  # type: ignore[attr-defined]  # set by the door
        if caller is None or not caller.has(READ):
            return False
        return run_id in await in_database(access.visible_runs, caller.person.pk, [run_id])
    except NotSignedIn:
        return False
