"""Usage of an answer: entered into the ledger when it ends, in place of its reservation, and one row for each request."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import limits
from accounts.limits import Asked, Count, Spent, Use
from accounts.storage.connections import in_database
from chat.errors import OverBudget, Unavailable
from chat.events import Usage
from chat.log.timing import Timing
from chat.models import ModelCall, Run, RunQuerySet
from chat.providers.known.prices import Rates
from chat.providers.parameters import Parameters, parse
from chat.providers.reading.counting import BYTES_A_TOKEN
from chat.providers.setup_help import UNSET

USUAL_ANSWER = 1_000  # tokens, where the question sets no limit


def took(run: Run, told: Usage, *, sent: int, wrote: int, is_whole: bool = False) -> Usage:
    """The provider's count; where it has none, or not to the end, an estimate by `sent` tokens and `wrote` bytes."""
    written = wrote // BYTES_A_TOKEN
    answer = told.completion_tokens if is_whole else max(told.completion_tokens, written)
    usage = Usage(told.prompt_tokens or sent, answer or written, told.cost, told.cached_tokens)
    if usage.cost is None or (usage.prompt_tokens, usage.completion_tokens) != (told.prompt_tokens, told.completion_tokens):
        usage.cost = told.cost or _cost(run, usage)
    return usage


def asked(prompt: int, rates: Rates | None, parameters: Parameters) -> Asked:
    """The tokens and cost of an answer, as far as can be told before."""
    answer = max(parameters.max_completion_tokens or 0, parameters.max_tokens or 0) or USUAL_ANSWER
    return Asked(prompt + answer, rates.cost(Usage(prompt, answer)) if rates else 0.0)


class Leg(NamedTuple):
    """A run from its question, or from the end of a wait, to its next wait or end: reserved and settled as one."""

    id: UUID
    at: datetime
    took: Usage


def leg_of(run: Run, total: Usage) -> Leg:
    """The run's present leg, of the usage of all of it."""
    before = msgspec.convert(run.settled or {}, Usage)
    took = Usage(
        max(0, total.prompt_tokens - before.prompt_tokens),
        max(0, total.completion_tokens - before.completion_tokens),
        None if total.cost is None else max(0.0, total.cost - (before.cost or 0.0)),
        max(0, total.cached_tokens - before.cached_tokens),
    )
    return Leg(_leg_id(run), run.resumed_at or run.created_at, took)


def _leg_id(run: Run) -> UUID:
    return run.pk if run.resumed_at is None else uuid5(run.pk, run.resumed_at.isoformat())


def running(count: Count) -> dict[UUID, Asked]:
    """The answers under way of which a share of this count is reserved."""
    budget = count.budget
    runs = Run.objects.filter(person__tenant=budget.tenant_id, status__in=Run.ACTIVE).exclude(provider=UNSET.provider)
    began = Coalesce("resumed_at", "created_at")
    runs = runs.filter(GreaterThanOrEqual(began, count.window.begins), LessThan(began, count.window.ends))
    if count.person_id:
        runs = runs.filter(person=count.person_id)
    elif budget.group_id:
        runs = runs.filter(person__memberships__group=budget.group_id)
    if budget.token_id:
        runs = runs.filter(token=budget.token_id)
    if count.target:
        runs = _about(runs, budget.about, count.target)
    return {_leg_id(run): asked_by(run) for run in runs}


def _about(runs: RunQuerySet, about: str, target: str) -> RunQuerySet:
    """Budgets of a model or provider; for an alias, those of the member that answers."""
    if about == "model":
        return runs.filter(Q(answered_by=target) | Q(answered_by="", model=target))
    return runs.filter(provider=target) if about == "provider" else runs.none()


def asked_by(run: Run) -> Asked:
    """The tokens and cost that a run was reserved for."""
    return asked(run.prompt_estimate, rates_of(run), parse(run.parameters))


def rates_of(run: Run) -> Rates | None:
    """The prices that held when it was asked."""
    return (
        None if run.prompt_rate is None or run.answer_rate is None else Rates(run.prompt_rate, run.answer_rate, run.cached_rate)
    )


def enter(run: Run, leg: Leg) -> None:
    """Enter it, in the transaction that ends or pauses the run. What no model wrote took nothing."""
    if run.provider == UNSET.provider:
        return
    limits.enter(
        leg.id,
        at=leg.at,
        tenant_id=run.conversation.tenant_id,
        person_id=run.person_id,
        token=run.token,
        model=run.answerer,
        provider=run.provider,
        tokens=leg.took.prompt_tokens + leg.took.completion_tokens,
        cost=leg.took.cost or 0.0,
    )


async def settle(run_id: UUID, leg: Leg, *, begun: bool) -> None:
    """Count what the leg took in place of what was reserved; of one that was never begun, all is given back."""
    counts = await in_database(_counts_of, run_id, leg.at)
    if not counts:  # of a run that was deleted meanwhile, the reservation expires
        return
    if begun:
        await limits.settle(leg.id, counts, Spent(leg.took.prompt_tokens + leg.took.completion_tokens, leg.took.cost or 0.0))
    else:
        await limits.release(leg.id, counts)


async def reserve_again(run: Run) -> None:
    """Reserve what a run that goes on after a wait will take. Raises OverBudget and Unavailable."""
    leg = leg_of(run, Usage())
    counts = await in_database(_counts_of, run.pk, leg.at)
    try:
        await limits.reserve(leg.id, counts, asked_by(run), now=leg.at)
    except limits.OverBudget as error:
        raise OverBudget(str(error), error.retry_after) from error
    except RedisError as error:
        raise Unavailable(
            "What is left of your budgets cannot be checked right now. Continue the answer in a moment."
        ) from error


class Answerer(NamedTuple):
    """A member that is about to answer for an alias, with its prices."""

    model: str
    provider: str
    rates: Rates | None


async def move(run: Run, fence: int, to: Answerer) -> None:
    """Move the run's reservation to this member, and note that in the run. Raises OverBudget and Unavailable.

    Budgets that count for both members keep their first reservation, which was made at the price of the dearest.
    """
    leg = leg_of(run, Usage())
    before = await in_database(_counts_of, run.pk, leg.at)
    after = await in_database(limits.counts_for, Use(run.person, run.token, model=to.model, provider=to.provider), leg.at)
    known, wanted = {count.key for count in before}, {count.key for count in after}
    share = asked(run.prompt_estimate, to.rates, parse(run.parameters))
    try:
        await limits.reserve(leg.id, [count for count in after if count.key not in known], share, now=leg.at)
    except limits.OverBudget as error:
        raise OverBudget(str(error), error.retry_after) from error
    except RedisError as error:
        raise Unavailable("What is left of your budgets cannot be checked right now. Try again in a moment.") from error
    run.answered_by, run.provider = to.model, to.provider
    run.prompt_rate, run.answer_rate, run.cached_rate = to.rates or (None, None, None)
    await in_database(_answers, run, fence)
    await limits.release(leg.id, [count for count in before if count.key not in wanted])


def _answers(run: Run, fence: int) -> None:
    """Store the member that answers, if the claim is still in force."""
    told = ("answered_by", "provider", "prompt_rate", "answer_rate", "cached_rate", "passed_over")
    Run.objects.filter(pk=run.pk, fence=fence).update(**{name: getattr(run, name) for name in told})


async def renew(run: Run) -> None:
    """Keep what is reserved for a run that lives."""
    leg = leg_of(run, Usage())
    await limits.renew(leg.id, await in_database(_counts_of, run.pk, leg.at), asked_by(run))


def _counts_of(run_id: UUID, at: datetime) -> list[Count]:
    """The counts of which a share is reserved for it; none for an answer that Galaxy itself makes."""
    run = Run.objects.select_related("person").filter(pk=run_id).exclude(provider=UNSET.provider).first()
    return limits.counts_for(Use(run.person, run.token, model=run.answerer, provider=run.provider), at) if run else []


def _cost(run: Run, usage: Usage) -> float | None:
    rates = rates_of(run)
    return rates.cost(usage) if rates else None


def call_of(run: Run, number: int, took: Usage, outcome: str, timing: Timing | None = None) -> ModelCall | None:
    """Return the row of a step; None if no model was asked. `timing` is lost if the runner is."""
    if run.provider == UNSET.provider:
        return None
    return ModelCall(
        id=uuid5(run.pk, str(number)),  # stored only once, however often this is retried
        at=timing.at if timing else timezone.now(),
        tenant_id=run.conversation.tenant_id,
        person_id=run.person_id,
        token=run.token,
        run_id=run.pk,
        model=run.answerer,
        provider=run.provider,
        prompt_tokens=took.prompt_tokens,
        completion_tokens=took.completion_tokens,
        cached_tokens=took.cached_tokens,
        cost=took.cost,
        first_token=timing and timing.first_token,
        took=timing and timing.took,
        outcome=outcome[:32],
    )


def keep(calls: Iterable[ModelCall | None]) -> None:
    """Store each row once."""
    ModelCall.objects.bulk_create([call for call in calls if call], ignore_conflicts=True)
