"""The scheduler of tasks: every worker may have one, and one at a time is active."""

import logging
import socket
import time
import uuid
from functools import cached_property
from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

KEY = "beat:holder"
HELD_SECONDS = 30
LOOK_EVERY = 10.0
# Takes or renews the key in one step, so that no two schedulers can both have it.
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if not holder or holder == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    return 1
end
return 0"""

logger = logging.getLogger(__name__)


class OneBeat(PersistentScheduler):  # type: ignore[misc]  # Celery has no types
    """Runs tasks while it owns the key in Redis. If its process dies, another takes over within half a minute.

    The new one may repeat tasks that the old one has just run: every task must tolerate that.
    """

    _look_at = 0.0
    _ticks = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Run due tasks if this scheduler is the active one; return the seconds until the next check."""
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY
            self._ticks = self._holds()
        return float(super().tick(*args, **kwargs)) if self._ticks else float(self.max_interval)

    def close(self) -> None:
        """Let another scheduler take over at once."""
        try:
            if self._redis.get(KEY) == self._name:
                self._redis.delete(KEY)
        except RedisError:
            pass  # it expires
        super().close()

    def _holds(self) -> bool:
        try:
            return bool(self._redis.eval(_HOLD, 1, KEY, self._name, HELD_SECONDS))
        except RedisError as error:
            logger.warning("Scheduled tasks wait because Redis does not answer: %s", error)
            return False

    @cached_property
    def _name(self) -> bytes:
        return f"{socket.gethostname()} {uuid.uuid4()}".encode()

    @cached_property
    def _redis(self) -> Any:
        return Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
