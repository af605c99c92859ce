"""Runs whose runner is gone: taken over with all that reached the log, and ended as interrupted.

One that waited for a long tool is queued again instead: the tool runs in a worker, and any runner can wait for it.
"""

import logging

from accounts.storage.connections import in_database
from chat import events, parts
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.lines import Line
from chat.log.log_buffer import Entry
from chat.log.tail import LooseTail
from chat.models import Run, RunStep
from chat.runs import end_run, states, steps, usage
from chat.runs.end_run import INTERRUPTED, NO_USAGE, Ending
from chat.runs.tool_calls import waits
from chat.runs.tool_calls.waits import Pause
from tools import calls

logger = logging.getLogger(__name__)

MOST_FENCES = 20  # a run that took so many runners with it is not given to another
LOST = "The process that made this answer is gone"


async def give_up_expired() -> int:
    """End the runs whose runner has not renewed its lease, or let others go on with them. Gives how many."""
    taken = await in_database(states.take_expired)
    for claim in taken:
        await _give_up(claim)
    return len(taken)


async def _give_up(claim: Claim) -> None:
    stored = await in_database(rows.lines_after, claim.run_id, 0, most=None)
    run = await in_database(Run.objects.select_related("answer", "conversation").get, pk=claim.run_id)
    done = await in_database(steps.of_run, claim.run_id)
    after, step = done[-1].last if done else 0, len(done) + 1
    if claim.fence < MOST_FENCES and await in_database(_waits_for_a_worker, run, done):
        logger.warning("Run %s goes on with another runner: its own is gone.", claim.run_id)
        unstored = await _fenced(claim, stored, events.process("thinking", LOST, step=step))
        took = steps.sum_of(done)
        await waits.pause(LooseTail(claim, stored, unstored, after=after), Pause([], took, usage.leg_of(run, took), step))
        return
    logger.warning("Run %s is marked interrupted: its runner is gone.", claim.run_id)
    tail = LooseTail(claim, stored, await _fenced(claim, stored, events.failed(INTERRUPTED, step)), after=after)
    last = usage.took(run, NO_USAGE, sent=run.prompt_estimate, wrote=tail.said.size)
    total = steps.added(steps.sum_of(done), last)
    leg, models = usage.leg_of(run, total), end_run.models_of(run, done)
    call = usage.call_of(run, step, last, INTERRUPTED.code)
    ending = Ending(run.answer_id, Run.Status.INTERRUPTED, models, usage=total, failure=INTERRUPTED, leg=leg, call=call)
    await end_run.end(tail, ending)


def _waits_for_a_worker(run: Run, done: list[RunStep]) -> bool:
    """Tell whether the answer's last calls have no result yet, and one of them was given to a worker."""
    made = [*run.answer.parts, *(part for step in done for part in step.parts)]
    called = [call.call for call in parts.open_calls(made)]
    return bool(called) and bool(calls.long_among(called, run.conversation_id))


async def _fenced(claim: Claim, stored: list[Line], said: events.ProcessEvent) -> list[Line]:
    """Return what the stream has beyond the rows, closed by an event that takes the next number from the lost runner.

    A runner that only seemed lost finds its number taken and stops (see `chat.log.writer`).
    """
    while True:
        unstored = await stream.lines_after(claim.run_id, stored[-1].seq if stored else 0)
        seq = (unstored or stored)[-1].seq + 1 if unstored or stored else 1
        line = Line(seq, events.encode(events.EventFrame(seq, said)))
        if await stream.add(claim.run_id, Entry(seq, seq, line.frame)):
            return [*unstored, line]
