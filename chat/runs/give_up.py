"""Runs whose runner is gone: taken over, and ended as interrupted with all that reached the log."""

import logging

from accounts.storage.connections import in_database
from chat import events
from chat.log import rows, stream
from chat.log.claims import Claim
from chat.log.lines import Line
from chat.log.log_buffer import Entry
from chat.log.tail import LooseTail
from chat.models import Run
from chat.runs import end_run, states, steps, usage
from chat.runs.end_run import INTERRUPTED, NO_USAGE, Ending

logger = logging.getLogger(__name__)


async def give_up_expired() -> int:
    """End the runs whose runner has not renewed its lease. Gives how many."""
    taken = await in_database(states.take_expired)
    for claim in taken:
        logger.warning("Run %s is marked interrupted: its runner is gone.", claim.run_id)
        await _give_up(claim)
    return len(taken)


async def _give_up(claim: Claim) -> None:
    stored = await in_database(rows.lines_after, claim.run_id, 0, most=None)
    run = await in_database(Run.objects.get, pk=claim.run_id)
    done = await in_database(steps.of_run, claim.run_id)
    unstored = await _fenced(claim, stored, len(done) + 1)
    tail = LooseTail(claim, stored, unstored, after=done[-1].last if done else 0)
    last = usage.took(run, NO_USAGE, sent=run.prompt_estimate, wrote=tail.said.size)
    total = steps.added(steps.sum_of(done), last)
    leg, models = usage.leg_of(run, total), end_run.models_of(run, done)
    await end_run.end(tail, Ending(run.answer_id, Run.Status.INTERRUPTED, models, usage=total, failure=INTERRUPTED, leg=leg))


async def _fenced(claim: Claim, stored: list[Line], step: int) -> list[Line]:
    """Return what the stream has beyond the rows, closed by an event that takes the next number from the lost runner.

    A runner that only seemed lost finds its number taken and stops (see `chat.log.writer`).
    """
    while True:
        unstored = await stream.lines_after(claim.run_id, stored[-1].seq if stored else 0)
        seq = (unstored or stored)[-1].seq + 1 if unstored or stored else 1
        line = Line(seq, events.encode(events.EventFrame(seq, events.failed(INTERRUPTED, step))))
        if await stream.add(claim.run_id, Entry(seq, seq, line.frame)):
            return [*unstored, line]
