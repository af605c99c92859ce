"""Notices on their way to one client: over its socket, or as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from django.http import HttpRequest, HttpResponseBase

from accounts import notices
from accounts.identity.callers import Caller, still
from accounts.notices.notice import encode
from chat.doors.streams import events as streams

READ = "chat:read"


class Teller:
    """Sends one client the notices to its person, one after the other; what comes while it is slow is held once a thing."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._groups: list[str] = []
        self._pending = notices.Pending()
        self._telling: asyncio.Task[None] | None = None

    def hear(self, caller: Caller) -> None:
        """Hear what concerns the caller, as they are now; nothing, by a credential that may not read."""
        groups = notices.groups_of(caller.person.pk, caller.person.tenant_id) if caller.has(READ) else []
        if groups != self._groups:
            notices.ear.leave(self._groups, self._add)
            self._groups = groups
            notices.ear.hear(groups, self._add)

    def leave(self) -> None:
        """The client is gone."""
        notices.ear.leave(self._groups, self._add)
        self._groups = []
        if self._telling:
            self._telling.cancel()

    def _add(self, notice: notices.Notice) -> None:
        self._pending.add(notice)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while waiting := self._pending.take():
            for notice in waiting:
                await self._send(encode(notice))


def response(request: HttpRequest) -> HttpResponseBase:
    """The notices to the caller as an answer that ends with their session. Raises TooManyOpen."""
    return streams.stream_of(request, _events(request), lambda: _may_still(request), at_once=True)


async def _events(request: HttpRequest) -> AsyncIterator[bytes]:
    caller: Caller = request.caller  # type: ignore[attr-defined]  # set by the door
    pending, arrived = notices.Pending(), asyncio.Event()

    def add(notice: notices.Notice) -> None:
        pending.add(notice)
        arrived.set()

    groups = notices.groups_of(caller.person.pk, caller.person.tenant_id)
    notices.ear.hear(groups, add)
    try:
        while True:
            await arrived.wait()
            arrived.clear()
            yield b"".join(b"data: %s\n\n" % encode(notice) for notice in pending.take())
    finally:
        notices.ear.leave(groups, add)


async def _may_still(request: HttpRequest) -> bool:
    caller = await still(request.scope, request.caller)  # type: ignore[attr-defined]  # set by the door
    return caller is not None and caller.has(READ)
