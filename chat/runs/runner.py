"""The process that makes answers: takes queued runs, keeps their leases, and ends what others left behind."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from accounts import audit, egress
from accounts.access.rights_changes import rights
from accounts.audit import Actor, Outcome
from accounts.storage.connections import in_database, redis
from chat import access, catalogue
from chat.catalogue import model_discovery, watching
from chat.catalogue.contexts import probing
from chat.catalogue.health import checking
from chat.events import Failure
from chat.log import control, rows, stream
from chat.log.claims import Claim
from chat.log.log_buffer import RunLog
from chat.log.writer import LogWriter
from chat.models import Run
from chat.prompts.asides.after_answers import AfterAnswers
from chat.providers import routing, sessions
from chat.providers.base import ToolSpec
from chat.runs import end_run, give_up, states, take_up, usage
from chat.runs.end_run import Ending
from chat.runs.job import REVOKED, Job, Work
from chat.runs.loop.toolbox import Toolbox
from chat.runs.steps import StoredSteps
from chat.runs.take_up import Arrivals
from chat.runs.tool_calls import waits
from chat.runs.tool_calls.client_tools import ClientTools
from chat.runs.tool_calls.waits import Pause
from tools import calls

logger = logging.getLogger(__name__)

MOST_RUNS = 400
RENEW_EVERY = 3.0
RESERVE_AGAIN_EVERY = 600.0  # s; a reservation lapses after an hour and the longest answer
LOOK_EVERY = 1.0
NOTICE_EVERY = 0.25
ALIVE_SECONDS = 10
DRAIN_SECONDS = 8.0
RETRY_AFTER = 0.5


async def serve() -> None:
    """Make answers until cancelled; then take no more, and give those under way a few seconds to come to their end."""
    await Runner().serve()


class Runner:
    """All the runs of one process, in one event loop."""

    def __init__(self) -> None:
        self._jobs: dict[UUID, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrivals = Arrivals()
        self._writer = LogWriter()
        self._asides = AfterAnswers()

    async def serve(self) -> None:
        """Run until cancelled."""
        writing = asyncio.create_task(self._writer.run())
        keeping = [
            asyncio.create_task(loop) for loop in (self._keep_leases(), _show_life(), self._notice(), self._keep_reservations())
        ]
        looking = (
            self._take(),
            self._look(),
            _give_up_expired(),
            self._hear_stops(),
            *(room.watch() for room in (model_discovery, watching, checking, probing)),
        )
        taking = [asyncio.create_task(loop) for loop in looking]
        preparing = asyncio.create_task(_prepare())
        try:
            await _first_failure([writing, *keeping, *taking])
        finally:
            await _cancel([*taking, preparing])
            await self._drain()
            await self._asides.close()
            await _cancel([*keeping, writing])
            await calls.flush()
            await sessions.close()
            await egress.close()

    async def _drain(self) -> None:
        if self._tasks:
            logger.info("Finishing %d answers before stopping.", len(self._tasks))
            for job in self._jobs.values():
                job.let_go()
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)
        for job in self._jobs.values():
            job.cut(Run.Status.INTERRUPTED)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=3)

    async def _take(self) -> None:
        while True:
            if len(self._jobs) >= MOST_RUNS:
                await asyncio.sleep(0.1)
                continue
            try:
                run_id = await stream.next_run()
            except RedisError as error:
                logger.warning("Redis gives no runs, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
                continue
            if run_id:
                self._begin(run_id)

    def _begin(self, run_id: UUID) -> None:
        task = asyncio.create_task(self._work(run_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, run_id: UUID) -> None:
        while before := self._jobs.get(run_id):  # it waits, and was decided before this process has let it go
            before.over = before.over or asyncio.Event()
            await before.over.wait()
        with self._arrivals.of(run_id) as arrival:
            if (taken := await take_up.taken_here(run_id)) is None:
                return
            job = self._jobs[run_id] = self._job(*taken)
        if arrival.is_stopped:
            job.cut(Run.Status.STOPPED)
        rights_watch = rights.watch(job.run.person_id, partial(self._look_again, job), asked_at=job.asked_at)
        try:
            if job.run.resumed_at:
                await self._resume(job)
            await self._finish(job)
        finally:
            rights_watch.close()
            del self._jobs[run_id]
            self._writer.close(job.log)
            if job.over:
                job.over.set()

    def _job(self, claim: Claim, work: Work) -> Job:
        run_log = self._writer.open(claim, next_seq=work.next_seq)
        make_toolbox: Callable[[Run, tuple[ToolSpec, ...], RunLog], Toolbox] = import_string(settings.TOOLBOX)
        toolbox = make_toolbox(work.run, work.tools, run_log)
        if work.given and work.given.tools:
            toolbox = ClientTools(toolbox, work.given.tools, run_log, work.run.person_id)
        return Job(work, run_log, StoredSteps(work.run, work.done, run_log, self._writer, work.tools), toolbox)

    async def _resume(self, job: Job) -> None:
        """Take up a run that waited: its stream may have expired, and its person lost a right, in the days since."""
        if last := await in_database(rows.last_line, job.run.pk):
            await stream.reopen(job.run.pk, last)
        await self._look_again(job)

    async def _finish(self, job: Job) -> None:
        if job.run.stop_requested:
            job.cut(Run.Status.STOPPED)
        try:
            ending: Ending | Pause = await job.answer()
        except Exception:  # the process's edge: one run's defect must not end the others
            logger.exception("Run %s failed by a defect.", job.run.pk)
            failure = Failure("internal", "Galaxy could not finish this answer. The operator's log says why.", retryable=True)
            ending = job.ending(Run.Status.FAILED, failure=failure)
        if job.log.lost or not await self._store(job, ending):
            logger.warning("Run %s was taken over; nothing more is written to it here.", job.run.pk)
        elif isinstance(ending, Ending):
            _record(job, ending)
            if ending.status == Run.Status.COMPLETE and not job.run.conversation.is_transient:
                self._asides.begin(job.run)

    async def _store(self, job: Job, ending: Ending | Pause) -> bool:
        model = job.steps.model
        tail = self._writer.tail(job.log, job.steps.number, model.origin if model else None)
        if isinstance(ending, Pause):
            return await waits.pause(tail, ending)
        return await end_run.end(tail, ending, insist=True)

    @staticmethod
    async def _look_again(job: Job) -> None:
        """A person who is suspended, or loses the chat or the model, loses the answer under way too."""
        if await in_database(access.is_revoked, job.run.pk):
            job.cut(Run.Status.FAILED, REVOKED)

    async def _look(self) -> None:
        """Find queued runs whose wake-up was lost."""
        while True:
            try:
                others = await catalogue.elsewhere()
                for run_id in await in_database(states.queued, MOST_RUNS - len(self._jobs), without=others):
                    self._begin(run_id)
            except DatabaseError as error:
                logger.warning("The database does not tell which runs wait: %s", error)
            await asyncio.sleep(LOOK_EVERY)

    async def _keep_leases(self) -> None:
        """Renew in PostgreSQL, whatever Redis does: a lease that waited for it would run out."""
        while True:
            try:
                await self._renew()
            except DatabaseError as error:
                logger.warning("The leases could not be renewed, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)
            else:
                await asyncio.sleep(RENEW_EVERY)

    async def _renew(self) -> None:
        jobs = dict(self._jobs)
        if not jobs:
            return
        held = await in_database(states.renew, [Claim(run_id, job.log.fence) for run_id, job in jobs.items()])
        for run_id, job in jobs.items():
            if held.get(run_id):
                job.cut(Run.Status.STOPPED)

    async def _keep_reservations(self) -> None:
        """Renew what is reserved for runs that live: a reservation lapses by itself where its process died."""
        while True:
            await asyncio.sleep(RESERVE_AGAIN_EVERY)
            for job in list(self._jobs.values()):
                try:
                    await usage.renew(job.run)
                except DatabaseError as error:
                    logger.warning("What run %s reserved is renewed later: %s", job.run.pk, error)

    async def _hear_stops(self) -> None:
        while True:
            try:
                async for message in control.heard():
                    self._arrivals.stop(message.run_id)
                    if job := self._jobs.get(message.run_id):
                        job.cut(Run.Status.STOPPED)
            except RedisError as error:
                logger.warning("Redis tells of no stops, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)

    async def _notice(self) -> None:
        while True:
            for job in self._jobs.values():
                job.look()
            await asyncio.sleep(NOTICE_EVERY)


async def _show_life() -> None:
    """Keep the key in Redis that says that a runner is there."""
    while True:
        try:
            await redis().set(stream.RUNNER_ALIVE, 1, ex=ALIVE_SECONDS)
        except RedisError as error:
            logger.warning("Redis does not take the sign of life: %s", error)
        await asyncio.sleep(RENEW_EVERY)


async def _give_up_expired() -> None:
    """End the runs whose runner is gone. This may wait for Redis; finding queued runs does not."""
    while True:
        try:
            await give_up.give_up_expired()
            for run_id in await in_database(waits.expire):
                await stream.wake(run_id)
        except DatabaseError as error:
            logger.warning("The database does not tell which runs lost their runner: %s", error)
        await asyncio.sleep(LOOK_EVERY)


def _record(job: Job, ending: Ending) -> None:
    who = Actor(job.tenant_id, job.run.person_id, "runner", correlation=str(job.run.pk))
    outcome: Outcome = "failed" if ending.failure else "ok"
    told = {"models": ending.models, "status": ending.status, "usage": msgspec.to_builtins(ending.usage)}
    milliseconds = 1000 * (time.monotonic() - job.started)
    audit.record("run.ended", "run", job.run.pk, outcome=outcome, milliseconds=milliseconds, who=who, **told)


async def _prepare() -> None:
    """Load what takes seconds to load before anyone waits for it; nothing, if no model needs it."""
    if any(map(routing.needs_litellm, await catalogue.everywhere())):
        await asyncio.to_thread(routing.prepare)


async def _first_failure(tasks: list[asyncio.Task[None]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until it holds: until Python 3.12 `wait_for`, which redis-py uses, may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
