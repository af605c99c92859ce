"""Tells open pages that the list of models changed: once for each change of a machine, by whichever of its runners sees it."""

import asyncio
import hashlib
import logging
from typing import Any

import msgspec
from redis.exceptions import RedisError

from accounts.storage.connections import redis
from chat import catalogue
from chat.access import notices
from chat.catalogue.found_models import machine

LOOK_EVERY = 2.0
KEPT_SECONDS = 24 * 3600

logger = logging.getLogger(__name__)


async def watch() -> None:
    """Look until cancelled: at the operator's file, and at what all machines found."""
    while True:
        try:
            if await _changed():
                notices.models_changed()
        except RedisError as error:
            logger.warning("Whether the models changed cannot be known, trying again: %s", error)
        await asyncio.sleep(LOOK_EVERY)


async def _changed() -> bool:
    """Tell if this machine's list is another than was known last. Redis swaps the two, so one runner alone sees a change."""
    now = await _mark()
    before: Any = await redis().set(f"catalogue:seen:{machine()}", now, ex=KEPT_SECONDS, get=True)
    return before is not None and before.decode() != now


async def _mark() -> str:
    shown = [(model.name, model.provider, model.model, model.base_url) for model in await catalogue.everywhere()]
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()
