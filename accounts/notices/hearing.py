"""One process's ear for notices: it is in the groups of whoever has something open here, and passes on what they are sent."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable

import msgspec
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from accounts.notices.notice import Notice, decode

RETRY_AFTER = 0.5

Listener = Callable[[Notice], object]

logger = logging.getLogger(__name__)


class Ear:
    """Calls each listener, on the event loop, with the notices to its groups. One channel of the layer serves them all."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._changed = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    def hear(self, groups: Iterable[str], listener: Listener) -> None:
        """Call it with each notice, until `leave`. It must not wait."""
        for group in groups:
            self._listeners[group].add(listener)
        self._changed.set()
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())

    def leave(self, groups: Iterable[str], listener: Listener) -> None:
        """No more."""
        for group in groups:
            self._listeners[group].discard(listener)
            if not self._listeners[group]:
                del self._listeners[group]
        self._changed.set()

    async def _listen(self) -> None:
        channel = await self._channel()
        joining = asyncio.create_task(self._keep_joined(channel))
        try:
            while True:
                self._pass_on(await get_channel_layer().receive(channel))
        finally:
            joining.cancel()

    @staticmethod
    async def _channel() -> str:
        while True:
            try:
                name: str = await get_channel_layer().new_channel("notices.")
            except (RedisError, OSError) as error:
                logger.warning("Redis gives no notices, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
            else:
                return name

    async def _keep_joined(self, channel: str) -> None:
        """Be in the groups that have listeners here, and in no others."""
        layer, joined = get_channel_layer(), set[str]()
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                for group in self._listeners.keys() - joined:
                    await layer.group_add(group, channel)
                    joined.add(group)
                for group in joined - self._listeners.keys():
                    joined.discard(group)
                    await layer.group_discard(group, channel)
            except (RedisError, OSError) as error:
                logger.warning("No notices can be heard from Redis, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
                self._changed.set()

    def _pass_on(self, message: dict[str, object]) -> None:
        match message:
            case {"to": str(group), "frame": bytes(frame)} if notice := _read(frame):
                for listener in list(self._listeners.get(group, ())):
                    listener(notice)
            case _:
                logger.warning("A notice of another version is passed over.")


def _read(frame: bytes) -> Notice | None:
    try:
        return decode(frame)
    except msgspec.MsgspecError:
        return None


ear = Ear()
