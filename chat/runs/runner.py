"""The process that makes answers: takes queued runs, keeps their leases, and ends what others left behind."""

import asyncio
import logging
import time
from functools import partial
from uuid import UUID

import msgspec
from django.db import DatabaseError
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import audit, egress
from accounts.audit import Actor, Outcome
from accounts.connections import in_database, redis
from accounts.live import rights
from chat import access, catalogue, context
from chat.catalogue import model_discovery
from chat.events import Failure
from chat.log import stream
from chat.log.claims import Claim
from chat.log.writer import LogWriter
from chat.models import Run
from chat.providers import routing, sessions
from chat.runs import end_run, give_up, leases
from chat.runs.end_run import Ending
from chat.runs.job import REVOKED, Job, Work

logger = logging.getLogger(__name__)

MOST_RUNS = 400
RENEW_EVERY = 3.0
LOOK_EVERY = 1.0
NOTICE_EVERY = 0.25
ALIVE_SECONDS = 10
DRAIN_SECONDS = 8.0
RETRY_AFTER = 0.5
CLOCKS_DIFFER = 10.0  # s, those of the machines of web and runner, at most
LOAD_AGAIN_AFTER = (0.2, 0.5, 1.0, 1.5)


async def serve() -> None:
    """Make answers until cancelled; then take no more, and give those under way a few seconds to come to their end."""
    await Runner().serve()


class Runner:
    """All the runs of one process, in one event loop."""

    def __init__(self) -> None:
        self._jobs: dict[UUID, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer = LogWriter()

    async def serve(self) -> None:
        """Run until cancelled."""
        writing = asyncio.create_task(self._writer.run())
        keeping = [asyncio.create_task(loop) for loop in (self._keep_leases(), _show_life(), self._notice())]
        looking = (self._take(), self._look(), _give_up_expired(), self._hear_stops(), model_discovery.watch())
        taking = [asyncio.create_task(loop) for loop in looking]
        preparing = asyncio.create_task(_prepare())
        try:
            await _first_failure([writing, *keeping, *taking])
        finally:
            await _cancel([*taking, preparing])
            await self._drain()
            await _cancel([*keeping, writing])
            await sessions.close()
            await egress.close()

    async def _drain(self) -> None:
        if self._tasks:
            logger.info("Finishing %d answers before stopping.", len(self._tasks))
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
        try:
            claim, work = await in_database(_taken, run_id)
            if claim is None or run_id in self._jobs:
                return
            work = work or await _loaded(claim)
            if work.run.model in await catalogue.elsewhere():
                await in_database(leases.give_back, claim)
                return
        except DatabaseError as error:
            # Not claimed, it stays queued and is found again; claimed, its lease runs out and it ends as interrupted.
            logger.warning("Run %s was not begun: the database does not answer: %s", run_id, error)
            return
        job = Job(work, self._writer.open(claim, next_seq=2))
        self._jobs[run_id] = job
        watching = rights.watch(job.run.person_id, partial(self._look_again, job), asked_at=_asked_at(job.run))
        try:
            await self._finish(job)
        finally:
            watching.close()
            del self._jobs[run_id]
            self._writer.close(job.log)

    async def _finish(self, job: Job) -> None:
        if job.run.stop_requested:
            job.cut(Run.Status.STOPPED)
        try:
            ending = await job.answer()
        except Exception:  # the process's edge: one run's defect must not end the others
            logger.exception("Run %s failed by a defect.", job.run.pk)
            failure = Failure("internal", "Galaxy could not finish this answer. The operator's log says why.", retryable=True)
            ending = job.ending(Run.Status.FAILED, failure=failure)
        if job.log.lost or not await end_run.end(self._writer.tail(job.log), ending, insist=True):
            logger.warning("Run %s was taken over; nothing more is written to it here.", job.run.pk)
        else:
            _record(job, ending)

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
                for run_id in await in_database(leases.waiting, MOST_RUNS - len(self._jobs), without=others):
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
        held = await in_database(leases.renew, [Claim(run_id, job.log.fence) for run_id, job in jobs.items()])
        for run_id, job in jobs.items():
            if held.get(run_id):
                job.cut(Run.Status.STOPPED)

    async def _hear_stops(self) -> None:
        while True:
            try:
                async with redis().pubsub() as stops:
                    await stops.subscribe(stream.STOPS)
                    while True:
                        if message := await stops.get_message(ignore_subscribe_messages=True, timeout=5.0):
                            self._stop(message["data"])
            except RedisError as error:
                logger.warning("Redis tells of no stops, trying again: %s", error)
                await asyncio.sleep(RETRY_AFTER)

    def _stop(self, run_id: bytes) -> None:
        if job := self._jobs.get(UUID(run_id.decode())):
            job.cut(Run.Status.STOPPED)

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
        except DatabaseError as error:
            logger.warning("The database does not tell which runs lost their runner: %s", error)
        await asyncio.sleep(LOOK_EVERY)


def _record(job: Job, ending: Ending) -> None:
    who = Actor(job.tenant_id, job.run.person_id, "runner", correlation=str(job.run.pk))
    outcome: Outcome = "failed" if ending.failure else "ok"
    told = {"model": ending.model, "status": ending.status, "usage": msgspec.to_builtins(ending.usage)}
    milliseconds = 1000 * (time.monotonic() - job.started)
    audit.record("run.ended", "run", job.run.pk, outcome=outcome, milliseconds=milliseconds, who=who, **told)


async def _prepare() -> None:
    """Load what takes seconds to load before somebody waits for it; nothing, where no model needs it."""
    if any(map(routing.needs_litellm, await catalogue.models())):
        await asyncio.to_thread(routing.prepare)


def _asked_at(run: Run) -> float:
    """When the door that took the question asked for the person's rights, by this process's `time.monotonic`."""
    return time.monotonic() - (timezone.now() - run.created_at).total_seconds() - CLOCKS_DIFFER


def _taken(run_id: UUID) -> tuple[Claim | None, Work | None]:
    """Take a queued run and read it, in one go. None for what somebody else has, and for what cannot be read just now."""
    claim = leases.claim(run_id)
    if claim is None:
        return None, None
    try:
        return claim, _load(claim)
    except DatabaseError:
        return claim, None


async def _loaded(claim: Claim) -> Work:
    """The work of a run that is claimed. A database that restarts meanwhile is waited for, while the claim holds."""
    for seconds in LOAD_AGAIN_AFTER:
        try:
            return await in_database(_load, claim)
        except DatabaseError as error:
            logger.warning("Run %s cannot be read, trying again: %s", claim.run_id, error)
            await asyncio.sleep(seconds)
    return await in_database(_load, claim)


def _load(claim: Claim) -> Work:
    # No more than is asked for: it stays in memory for as long as the answer takes.
    of_run = ("answer_id", "model", "provider", "prompt_rate", "answer_rate", "parameters", "stop_requested", "created_at")
    wanted = (*of_run, "conversation__tenant_id", "person__instructions")
    run = Run.objects.select_related("conversation", "person").only(*wanted).get(pk=claim.run_id)
    return Work(run, context.branch_of(run.answer_id)._replace(instructions=run.person.instructions))


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
