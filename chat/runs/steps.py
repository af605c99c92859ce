"""The finished steps of a run as rows: what any runner needs to go on with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.storage.connections import in_database
from chat import parts
from chat.events import Usage
from chat.log.claims import Claim
from chat.log.log_buffer import RunLog
from chat.log.writer import LogWriter
from chat.models import ModelCall, Run, RunStep
from chat.parts import AnyPart, ToolResult
from chat.providers.base import Finished, ModelConfig, ToolSpec
from chat.runs import states, usage

logger = logging.getLogger(__name__)

RETRY_AFTER = 0.25
T = TypeVar("T")


class ClaimLost(Exception):
    """The run was taken over: nothing more of it may be stored."""


class StoredSteps:
    """The steps of a run that this process holds (`chat.runs.loop.Steps`)."""

    def __init__(
        self, run: Run, done: list[RunStep], run_log: RunLog, writer: LogWriter, tools: Sequence[ToolSpec] = ()
    ) -> None:
        self._tools = [spec.name for spec in tools]
        self.parts: list[AnyPart] = [part for step in done for part in step.parts]
        self.number = done[-1].number + 1 if done else 1
        self.model: ModelConfig | None = None  # the one that is asked
        self.took = sum_of(done)
        self._run, self._log, self._writer = run, run_log, writer
        run_log.step = self.number
        self._claim = Claim(run_log.run_id, run_log.fence)

    async def finish(self, made: list[AnyPart], finished: Finished) -> None:
        """Store the events up to here, then the step. Raises ClaimLost."""
        await insisting(self._writer.save)
        row = RunStep(run_id=self._claim.run_id, number=self.number, last=self._log.last, parts=made)
        took = usage.took(self._run, finished.usage, sent=self._run.prompt_estimate, wrote=self._log.step_size, is_whole=True)
        row.finish_reason, row.usage = finished.reason, msgspec.to_builtins(took)
        if self.model:
            row.model, row.provider = self.model.name, self.model.provider
        call = usage.call_of(self._run, self.number, took, finished.reason, self._log.timing)
        await self._stored(add, self._claim, row, self._tools, call)
        self.parts += made
        self.number += 1
        self.took = added(self.took, took)
        self._log.begin_step()
        self._log.counted(Usage())

    async def settle(self, results: Sequence[AnyPart]) -> None:
        """Store the results with the step that made the calls; step 0 is what a continued answer had. Raises ClaimLost."""
        await self._stored(append, self._claim, self.number - 1, self._log.last, results)
        self.parts += results

    async def _stored(self, work: Callable[..., bool], *args: object) -> None:
        if not await insisting(lambda: in_database(work, *args)):
            raise ClaimLost


async def insisting(work: Callable[[], Awaitable[T]]) -> T:
    """Store something, trying until the database answers: what is there is not thrown away because PostgreSQL restarts."""
    while True:
        try:
            return await work()
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database does not take what a run has done, trying again: %s", error)
            await asyncio.sleep(RETRY_AFTER)


def of_run(run_id: UUID) -> list[RunStep]:
    """The finished steps of a run, in order."""
    return list(RunStep.objects.filter(run=run_id).order_by("number"))


def add(claim: Claim, step: RunStep, tools: Sequence[str], call: ModelCall | None = None) -> bool:
    """Store a step; once, also when an earlier try lost its answer. False when the claim is not in force any more.

    With the first, the run keeps the names of its tools: to its end its models are told of the same.
    """
    with transaction.atomic():
        if not states.is_held(claim):
            return False
        RunStep.objects.bulk_create([step], ignore_conflicts=True)
        usage.keep([call])
        Run.objects.filter(pk=claim.run_id, tools=None).update(tools=list(tools))
    return True


def append(claim: Claim, number: int, last: int, results: Sequence[AnyPart]) -> bool:
    """Add the results of a step's calls, with what they made; once. False when the claim is not in force any more."""
    with transaction.atomic():
        if not states.is_held(claim):
            return False
        step, _ = RunStep.objects.get_or_create(run_id=claim.run_id, number=number, defaults={"last": last})
        known = {result.call for result in parts.of_kind(ToolResult, step.parts)}
        if not known & {result.call for result in parts.of_kind(ToolResult, results)}:  # they are stored all at once
            step.parts = [*step.parts, *results]
            step.save(update_fields=["parts"])
    return True


def hand_over(run_id: UUID, answer_id: UUID, last: list[AnyPart]) -> None:
    """Make the parts of all steps and the `last` ones the answer's, in the transaction that ends the run.

    Joined by the database, so that a continued answer grows and what it has so far need not be read.
    """
    sql = """
        WITH made AS (
            SELECT jsonb_agg(e.part ORDER BY s.number, e.n) AS parts
            FROM chat_runstep s, jsonb_array_elements(s.parts) WITH ORDINALITY AS e(part, n) WHERE s.run_id = %s
        ), emptied AS (
            UPDATE chat_runstep SET parts = '[]' WHERE run_id = %s
        ) UPDATE chat_message SET parts = chat_message.parts || coalesce(made.parts, '[]') || %s::jsonb
          FROM made WHERE id = %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [run_id, run_id, parts.encode(last), answer_id])


def sum_of(steps: list[RunStep]) -> Usage:
    """Add up the usage of these steps."""
    total = Usage()
    for step in steps:
        total = added(total, msgspec.convert(step.usage or {}, Usage))
    return total


def added(first: Usage, second: Usage) -> Usage:
    """Both together; the cost where it is known of one."""
    costs = [one.cost for one in (first, second) if one.cost is not None]
    tokens = first.prompt_tokens + second.prompt_tokens, first.completion_tokens + second.completion_tokens
    return Usage(*tokens, sum(costs) if costs else None, first.cached_tokens + second.cached_tokens)
