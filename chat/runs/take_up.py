"""Taking up a run: its claim, all that is needed to go on from where its rows stand, and a stop that comes meanwhile."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError

from accounts.storage.connections import in_database
from chat import catalogue
from chat.log import rows
from chat.log.claims import Claim
from chat.models import GivenRequest, Run
from chat.prompts import context
from chat.providers.given import Given, decode
from chat.runs import states, steps
from chat.runs.job import Work
from chat.runs.tool_calls import run_tools

logger = logging.getLogger(__name__)

LOAD_AGAIN_AFTER = (0.2, 0.5, 1.0, 1.5)


class Arrival:
    """One run on its way from the queue to a job."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id = run_id
        self.is_stopped = False


class Arrivals:
    """Those of one runner."""

    def __init__(self) -> None:
        self._under_way: set[Arrival] = set()

    @contextmanager
    def of(self, run_id: UUID) -> Iterator[Arrival]:
        """Listen for stops of the run as long as it is taken up."""
        arrival = Arrival(run_id)
        self._under_way.add(arrival)
        try:
            yield arrival
        finally:
            self._under_way.discard(arrival)

    def stop(self, run_id: UUID) -> None:
        """Note that the run shall end at once."""
        for arrival in self._under_way:
            if arrival.run_id == run_id:
                arrival.is_stopped = True


def taken(run_id: UUID) -> tuple[Claim | None, Work | None]:
    """Take a queued run and read it, in one go. None for what another process has, and for what cannot be read just now."""
    claim = states.claim(run_id)
    if claim is None:
        return None, None
    try:
        return claim, _load(claim)
    except DatabaseError:
        return claim, None


async def taken_here(run_id: UUID) -> tuple[Claim, Work] | None:
    """Take a queued run that this machine can answer, and read it. None for what is another's, or cannot be read now."""
    try:
        claim, work = await in_database(taken, run_id)
        if claim is None:
            return None
        work = work or await loaded(claim)
        if work.run.model in await catalogue.elsewhere():
            await in_database(states.give_back, claim)
            return None
    except DatabaseError as error:
        # Not claimed, it stays queued and is found again; claimed, its lease runs out and it ends as interrupted.
        logger.warning("Run %s was not begun: the database does not answer: %s", run_id, error)
        return None
    return claim, work


async def loaded(claim: Claim) -> Work:
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
    rates = ("prompt_estimate", "prompt_rate", "answer_rate", "cached_rate")
    of_answer = ("answer_id", "model", "answered_by", "passed_over", "provider")
    of_run = (*of_answer, *rates, "parameters", "tools", "token", "stop_requested", "created_at")
    of_person = ("person__instructions", "person__tenant_id", "person__is_active")
    of_conversation = ("conversation__tenant_id", "conversation__tools", "conversation__is_transient")
    wanted = (*of_run, "resumed_at", "settled", *of_conversation, *of_person)
    run = Run.objects.select_related("conversation", "person").only(*wanted).get(pk=claim.run_id)
    branch, given = context.branch_of(run.answer_id)._replace(instructions=run.person.instructions), _given_with(run)
    if given:
        branch = branch._replace(turns=list(given.turns), is_given=True)
    tools = run_tools.tools_of(run, branch.turns[-1].text if branch.turns else "")
    if claim.fence == 1:
        return Work(run, branch, [], 2, tools, given)
    last = rows.last_line(claim.run_id)
    return Work(run, branch, steps.of_run(claim.run_id), last.seq + 1 if last else 2, tools, given)


def _given_with(run: Run) -> Given | None:
    """Return the whole request, if a program gave it."""
    if not run.conversation.is_transient:
        return None
    return decode(bytes(GivenRequest.objects.get(run=run).content))
