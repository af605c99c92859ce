"""Results of deterministic tools, kept in Redis: for one person, or for everyone in a tenant, as the tool declares."""

import hashlib
import logging
from typing import Any

import msgspec
from redis.exceptions import RedisError

from accounts.models import User
from accounts.storage.connections import redis
from tools.calling.output import Kept
from tools.specs import Sharing, Tool

logger = logging.getLogger(__name__)


async def find(tool: Tool, person: User, arguments: dict[str, Any]) -> Kept | None:
    """A result that is still good. While Redis is away, there is none."""
    if tool.spec.sharing is Sharing.NEVER:
        return None
    try:
        found = await redis().get(_key(tool, person, arguments))
        return msgspec.json.decode(found, type=Kept) if found else None
    except (RedisError, msgspec.DecodeError) as error:
        logger.warning("No results are reused just now: %s", error)
        return None


async def keep(tool: Tool, person: User, arguments: dict[str, Any], kept: Kept) -> None:
    """Keep a result. Files are not: they belong to the conversation in which they were made."""
    if tool.spec.sharing is Sharing.NEVER or kept.artifacts:
        return
    try:
        await redis().set(_key(tool, person, arguments), msgspec.json.encode(kept), ex=int(tool.spec.kept_for))
    except RedisError as error:
        logger.warning("The result is not kept for the next time: %s", error)


def _key(tool: Tool, person: User, arguments: dict[str, Any]) -> str:
    whose = "all" if tool.spec.sharing is Sharing.EVERYONE else person.pk
    digest = hashlib.sha256(msgspec.json.encode(arguments, order="sorted")).hexdigest()
    return f"tool:{person.tenant_id}:{whose}:{tool.spec.name}:{tool.definition[:16]}:{digest}"
