"""The client of a run: while it waits, its credential is checked; when it goes, the run is stopped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from redis.exceptions import RedisError

from accounts.access.rights_changes import rights
from accounts.identity.callers import Caller, still
from accounts.storage.connections import in_database
from chat import access
from chat.doors.openai.chunks import Chunks, failure
from chat.doors.openai.entrance import NO_KEY, READ
from chat.doors.openai.errors import Refusal, Refused
from chat.doors.openai.reading import End, Failed, Piece, Step
from chat.doors.streams import events as streams
from chat.errors import Unavailable
from chat.runs import asking
from chat.runs.create_run import Started

T = TypeVar("T")
Question = Callable[[], Awaitable[bool]]
# Until then a failure before the first word has its own status; after that the stream begins, so that no proxy gives up.
STATUS_WITHIN = 10.0
REVOKED = Refusal(401, NO_KEY, "invalid_api_key")
GONE = Refusal(499, "The client closed the connection.", "client_closed_request")


async def attended(request: HttpRequest, started: Started, work: Coroutine[Any, Any, T]) -> T:
    """Return the work's result; stop the run if the client goes or may no longer read. Raises Refused."""
    try:
        return await while_wanted(request, work, partial(may_still, request, started))
    except _Unwanted as error:
        await withdraw(started)
        raise Refused(error.refusal) from error


class _Unwanted(Refused):
    """No one waits any more."""


async def while_wanted(request: HttpRequest, work: Coroutine[Any, Any, T], may: Question | None = None) -> T:
    """Return the work's result; cancel it if the client goes or its credential is no longer valid.

    `may` asks for more than a valid credential. Raises Refused.
    """
    task = asyncio.ensure_future(work)
    try:
        refusal = await _interrupted(request, task, may or partial(_is_valid, request))
    finally:
        if not task.done():
            task.cancel()
    if refusal is None:
        return task.result()
    raise _Unwanted(refusal)


async def _interrupted(request: HttpRequest, task: "asyncio.Future[Any]", may: Question) -> Refusal | None:
    """Wait for the task, or until no one waits for it any more; return the reason for that."""
    caller: Caller = request.caller  # type: ignore[attr-defined]  # set by PersonMiddleware
    revoked = asyncio.Event()

    async def look() -> None:
        if not await may():
            revoked.set()

    watch = rights.watch(caller.person.pk, look, until=caller.until)
    waits = {asyncio.ensure_future(event.wait()): why for event, why in ((request.hung_up, GONE), (revoked, REVOKED))}  # type: ignore[attr-defined]  # set by FinishingMiddleware
    try:
        done, _ = await asyncio.wait({task, *waits}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.close()
        for wait in waits:
            wait.cancel()
    return None if task in done else next(why for wait, why in waits.items() if wait in done)


async def may_still(request: HttpRequest, started: Started) -> bool:
    """Tell whether the credential is still valid, and its person may go on with the run. Raises DatabaseError."""
    return await _is_valid(request) and not await in_database(access.is_revoked, started.run_id)


async def _is_valid(request: HttpRequest) -> bool:
    caller = await still(request.scope, request.caller)  # type: ignore[attr-defined]  # set by PersonMiddleware
    return caller is not None and caller.has(READ)


async def withdraw(started: Started) -> None:
    """Stop the run. If that is not possible now, the run comes to its own end."""
    try:
        await asking.withdraw(started.run_id)
    except (Unavailable, RedisError):
        return


async def stream(request: HttpRequest, started: Started, pieces: AsyncIterator[Piece], chunks: Chunks) -> HttpResponseBase:
    """Return the answer as a stream. Raises Refused for a failure before its first word, and TooManyOpen."""
    first = asyncio.ensure_future(_first(pieces))
    try:
        await attended(request, started, _until(first, STATUS_WITHIN))
        _check(first)
        return streams.stream_of(
            request, _events(started, first, pieces, chunks), lambda: may_still(request, started),
            at_once=not first.done(), head=b"", farewell=failure(REVOKED),
        )  # fmt: skip
    except BaseException:  # no one follows the run; if it has ended, this changes nothing
        first.cancel()
        await withdraw(started)
        raise


async def _first(pieces: AsyncIterator[Piece]) -> Piece:
    """Return the first piece that the client gets."""
    while isinstance(piece := await anext(pieces), Step):
        pass
    return piece


def _check(first: "asyncio.Future[Piece]") -> None:
    if first.done() and isinstance(piece := first.result(), Failed):
        raise Refused(piece.refusal)


async def _until(first: "asyncio.Future[Piece]", seconds: float) -> None:
    await asyncio.wait({first}, timeout=seconds)


async def _events(
    started: Started, first: "asyncio.Future[Piece]", pieces: AsyncIterator[Piece], chunks: Chunks
) -> AsyncIterator[bytes]:
    """Yield the events of the stream. If it is closed before its end, the run is stopped."""
    is_over = False
    try:
        yield chunks.first()
        piece = await first
        while not is_over:
            is_over = isinstance(piece, End | Failed)
            yield chunks.of(piece)
            if not is_over:
                piece = await anext(pieces)
    finally:
        if not is_over:
            await asyncio.shield(asyncio.ensure_future(withdraw(started)))
