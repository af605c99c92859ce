"""The asides of a runner: begun when an answer is complete, a few at once, and dropped if there are too many."""

import asyncio
import logging

from django.db import DatabaseError

from accounts.storage.connections import in_database
from chat import access
from chat.models import Run
from chat.prompts.asides import follow_ups, titles

logger = logging.getLogger(__name__)

AT_ONCE = 4
MOST_WAITING = 100


class AfterAnswers:
    """Asides of one process. They are lost when it ends, as they are not worth a retry."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    def begin(self, run: Run) -> None:
        """Begin the asides of this answer, and return at once."""
        if len(self._tasks) >= MOST_WAITING:
            return
        task = asyncio.create_task(self._follow(run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, run: Run) -> None:
        async with self._room:
            for write in (titles.write, follow_ups.write):
                try:
                    if await in_database(access.is_revoked, run.pk):  # others were before it, for minutes at most
                        return
                    await write(run)
                except DatabaseError as error:
                    logger.warning("The asides of run %s are left out: %s", run.pk, error)
                except Exception:  # the process's edge: a defect here must not end the runner
                    logger.exception("The asides of run %s failed by a defect.", run.pk)

    async def close(self) -> None:
        """Cancel the asides under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
