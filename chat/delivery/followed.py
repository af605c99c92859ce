"""The runs that one socket follows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from redis.exceptions import RedisError

from chat.delivery import connection_limits
from chat.delivery.client_stream import Follower
from chat.delivery.live import hub
from chat.errors import TooManyFollowed

FAILED = 1011
TRY_AGAIN_LATER = 1013

logger = logging.getLogger(__name__)


class Gone(Exception):
    """The socket takes no more frames."""


class Followed:
    """One follower a run: a second resume takes the place of the first. `on_failure` closes the socket with a code."""

    def __init__(self, on_failure: Callable[[int], Awaitable[None]]) -> None:
        self._followers: dict[UUID, tuple[Follower, asyncio.Task[None]]] = {}
        self._on_failure = on_failure
        self._person: UUID | None = None

    def count_for(self, person_id: UUID) -> None:
        """Count what is followed on the account of this person."""
        self._person = person_id

    def ids(self) -> set[UUID]:
        """The runs that are followed now."""
        return set(self._followers)

    def refuse_one_more(self) -> None:
        """Raises TooManyFollowed where there is no room for one run more."""
        if self._person and not connection_limits.may_follow(self._person, len(self._followers)):
            raise TooManyFollowed(
                "You are following too many answers at once. Wait until one has ended, or close other connections."
            )

    def begin(self, run_id: UUID, follower: Follower) -> None:
        """Follow a run that has just been created."""
        self._start(run_id, follower, follower.follow(hub.follow_new(run_id)))

    def resume(self, run_id: UUID, follower: Follower, *, after: int) -> None:
        """Follow a run from an event on."""
        # Rendered blocks count from the answer's beginning, so the earlier events are read too, and not sent again.
        start = 0 if follower.renders else after
        self._start(run_id, follower, follower.follow(hub.follow(run_id, start), after=after))

    def leave(self, run_ids: Iterable[UUID]) -> None:
        """Stop following these; the runs go on."""
        for run_id in list(run_ids):
            if run_id in self._followers:
                follower, task = self._followers.pop(run_id)
                self._uncount()
                follower.leave()
                task.cancel()

    def leave_all(self) -> None:
        """Stop following everything."""
        self.leave(self._followers)

    def _start(self, run_id: UUID, follower: Follower, following: Coroutine[Any, Any, None]) -> None:
        self.leave([run_id])
        if self._person:
            connection_limits.follow(self._person)
        self._followers[run_id] = follower, asyncio.create_task(self._watched(run_id, follower, following))

    def _uncount(self) -> None:
        if self._person:
            connection_limits.unfollow(self._person)

    async def _watched(self, run_id: UUID, follower: Follower, following: Coroutine[Any, Any, None]) -> None:
        try:
            await following
        except Gone:
            pass  # the socket is closing
        except (DatabaseError, RedisError) as error:
            logger.warning("Run %s cannot be followed just now: %s", run_id, error)
            await self._on_failure(TRY_AGAIN_LATER)
        except Exception:  # the process's edge: without a word, the client would wait for ever
            logger.exception("Following run %s failed by a defect.", run_id)
            await self._on_failure(FAILED)
        finally:
            if self._followers.get(run_id, (None,))[0] is follower:
                del self._followers[run_id]
                self._uncount()
