"""Tells every open socket of this process that the list of models changed: one look for all, none while no one listens."""

import asyncio
from collections.abc import Callable

from chat import catalogue

LOOK_EVERY = 2.0


class News:
    """Calls each listener, on the event loop, at each change."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[], object]] = set()
        self._looking: asyncio.Task[None] | None = None

    def hear(self, listener: Callable[[], object]) -> None:
        """Call it at each change, until `leave`."""
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def leave(self, listener: Callable[[], object]) -> None:
        """No more."""
        self._listeners.discard(listener)
        if not self._listeners and self._looking:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        known = await catalogue.models()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if (now := await catalogue.models()) != known:
                known = now
                for listener in list(self._listeners):
                    listener()


news = News()
