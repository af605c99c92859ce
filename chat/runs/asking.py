"""The public face of runs: ask, stop, continue. Every door (socket, page, REST) goes through here."""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from accounts import audit
from accounts.access import READ, WRITE
from accounts.models import User
from accounts.storage.connections import in_database
from chat import access, catalogue
from chat.catalogue import choices
from chat.errors import ChatError, Unavailable
from chat.log import control, stream
from chat.log.claims import Claim
from chat.log.control import Stop
from chat.models import Conversation, Run
from chat.prompts import context
from chat.providers.base import ModelConfig, Turn
from chat.providers.given import Given
from chat.providers.parameters import parse
from chat.providers.reading.counting import BYTES_A_TOKEN
from chat.runs import create_run, end_run, reservations, states
from chat.runs.create_run import Started
from chat.runs.question import Completion, Question
from chat.runs.reservations import Plan
from chat.runs.tool_calls import handed_over

logger = logging.getLogger(__name__)

ANNOUNCED_WITHIN = 1.0  # s

P = ParamSpec("P")
T = TypeVar("T")


class _Held(NamedTuple):
    """A run that a person asked to stop, and the claim on it where no runner has it."""

    run: Run
    claim: Claim | None


async def start(who: User, question: Question) -> Started:
    """Store the question of a person as they are now, and queue its answer. What this returns is stored: no crash loses it.

    A repeated question of the same person gives the run that it made the first time.
    Raises ChatError or catalogue.UnknownModel.
    """
    try:
        started = await _begun(who, question)
    except (ChatError, catalogue.UnknownModel):  # whatever is in the way of another, this question may have its run already
        if before := await _stored(create_run.repeated, who, question.request_key):
            return before
        raise
    await _announce(started)
    if not started.repeated:
        audit.record("run.asked", "run", started.run_id, model=started.model, conversation=started.conversation_id)
    return started


async def _begun(who: User, question: Question) -> Started:
    plan = await _stored(_planned, who, question, await catalogue.models(who.tenant_id))
    async with reservations.reserved(plan) as held:
        started = await _stored(create_run.begin, who, question, plan.model.name, plan.terms)
        held.keep(started)
    return started


async def complete(who: User, asked: Completion) -> Started:
    """Store a program's request for this person, with their rights of this moment, and queue its answer.

    Raises ChatError or catalogue.UnknownModel.
    """
    asked = msgspec.structs.replace(asked, given=await _restored(who, asked.given))
    plan = await _stored(_planned_given, who, asked, await catalogue.models(who.tenant_id))
    async with reservations.reserved(plan) as held:
        started = await _stored(create_run.begin_given, who, asked, plan.model.name, plan.terms)
        held.keep(started)
    await _announce(started)
    audit.record("run.asked", "run", started.run_id, model=started.model, by_program=True)
    return started


async def proceed(person_id: UUID, run_id: UUID, *, model: str | None = None) -> Started:
    """Continue the answer of a run that was stopped, failed, interrupted or blank, by a new run; else by the same model.

    Raises ChatError or catalogue.UnknownModel.
    """
    who = await _stored(access.person, person_id)
    plan = await _stored(_planned_rest, who, run_id, model or None, await catalogue.models(who.tenant_id))
    async with reservations.reserved(plan) as held:
        started = await _stored(create_run.proceed, person_id, run_id, plan.model.name, plan.terms)
        held.keep(started)
    await _announce(started)
    audit.record("run.continued", "run", started.run_id, model=started.model, conversation=started.conversation_id)
    return started


async def stop(person_id: UUID, run_id: UUID) -> None:
    """Stop the run; one that has ended stays as it is. Raises NotFound for a run that is not the person's."""
    await _stop(await _stored(_ask_to_stop, person_id, run_id))


async def withdraw(run_id: UUID) -> None:
    """Stop the answer to a program that has gone."""
    if held := await _stored(_ask_to_end, run_id):
        await _stop(held)


async def _stop(held: _Held) -> None:
    if held.claim:
        await end_run.stop_unheld(held.run, held.claim)
    elif held.run.is_open:
        await control.tell(Stop(held.run.pk))


async def _stored(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await in_database(work, *args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        raise Unavailable("The database does not answer. Your message is not stored yet; please send it again.") from error


def _planned(who: User, question: Question, every: list[ModelConfig]) -> Plan:
    """Everything that must be known before an answer is stored, in one go. Without a model, the conversation's last one."""
    before: Conversation | None = None
    if question.conversation_id:
        before = access.found(Conversation.objects.filter(pk=question.conversation_id), who, READ)
    model = question.model or (before and before.model) or None
    prompt = _prompt(who, before.leaf_id if before else None, question.text)
    return reservations.plan(who, choices.chosen(who, model, every), prompt, question.parameters)


async def _restored(who: User, given: Given) -> Given:
    """Return the request with the model's side of the calls that were handed to the program before."""
    turns = [
        Turn(turn.role, tuple(await handed_over.restored(who.pk, turn.parts))) if turn.role == "assistant" else turn
        for turn in given.turns
    ]
    return msgspec.structs.replace(given, turns=tuple(turns))


def _planned_given(who: User, asked: Completion, every: list[ModelConfig]) -> Plan:
    """Find the model of a program's request. Raises catalogue.UnknownModel also if there is no model at all."""
    if not every:
        raise catalogue.UnknownModel("No model is set up.")
    model = choices.chosen(who, asked.model, every)
    return reservations.plan(who, model, asked.given.size // BYTES_A_TOKEN, asked.parameters)


def _planned_rest(who: User, run_id: UUID, model: str | None, every: list[ModelConfig]) -> Plan:
    """The same for the rest of an answer."""
    before = access.found(Run.objects.filter(pk=run_id), who, WRITE)
    prompt = _prompt(who, before.answer_id, context.CONTINUE)
    return reservations.plan(who, choices.chosen(who, model or before.model, every), prompt, parse(before.parameters))


def _prompt(who: User, after: UUID | None, text: str) -> int:
    """An estimate of the tokens of the whole request."""
    return context.tokens_of(context.rules(who.instructions) + text) + context.tokens_of_branch(after)


def _ask_to_stop(person_id: UUID, run_id: UUID) -> _Held:
    return _asked_to_stop(access.run_of(person_id, run_id, WRITE))


def _ask_to_end(run_id: UUID) -> _Held | None:
    run = Run.objects.filter(pk=run_id).first()
    return _asked_to_stop(run) if run else None  # it may be deleted, with its person


def _asked_to_stop(run: Run) -> _Held:
    Run.objects.filter(pk=run.pk, status__in=Run.OPEN).update(stop_requested=True)
    return _Held(run, states.claim(run.pk, Run.Status.QUEUED, Run.Status.WAITING))


async def _announce(started: Started) -> None:
    """Open the stream and wake a runner. Both are hints: a runner finds a queued run by itself within seconds."""
    if started.repeated:
        return
    try:
        async with asyncio.timeout(ANNOUNCED_WITHIN):
            await stream.open_run(started.run_id, started.accepted)
    except (RedisError, TimeoutError):
        logger.warning("Run %s waits for a runner to find it: Redis does not answer.", started.run_id)
