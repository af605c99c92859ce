"""What an answer took: entered into the ledger with its end, and put in place of what was set aside for it."""

from uuid import UUID

from accounts import limits
from accounts.limits import Asked, Count, Spent, Use
from chat.events import Usage
from chat.models import Run
from chat.parameters import Parameters, parse
from chat.providers.counting import BYTES_A_TOKEN
from chat.providers.prices import Rates
from chat.providers.setup_help import UNSET

USUAL_ANSWER = 1_000  # tokens, where the question sets no limit


def took(run: Run, told: Usage, *, sent: int, wrote: int, is_whole: bool = False) -> Usage:
    """The provider's count; where it has none, or not to the end, an estimate by `sent` tokens and `wrote` bytes."""
    written = wrote // BYTES_A_TOKEN
    answer = told.completion_tokens if is_whole else max(told.completion_tokens, written)
    usage = Usage(told.prompt_tokens or sent, answer or written, told.cost)
    if usage.cost is None or (usage.prompt_tokens, usage.completion_tokens) != (told.prompt_tokens, told.completion_tokens):
        usage.cost = told.cost or _cost(run, usage)
    return usage


def asked(prompt: int, rates: Rates | None, parameters: Parameters) -> Asked:
    """The tokens and cost of an answer, as far as can be told before."""
    answer = max(parameters.max_completion_tokens or 0, parameters.max_tokens or 0) or USUAL_ANSWER
    return Asked(prompt + answer, rates.cost(Usage(prompt, answer)) if rates else 0.0)


def running(count: Count) -> dict[UUID, Asked]:
    """The answers under way of which a share of this count is set aside."""
    budget = count.budget
    runs = Run.objects.filter(person__tenant=budget.tenant_id, status__in=Run.ACTIVE).exclude(provider=UNSET.provider)
    runs = runs.filter(created_at__gte=count.window.begins, created_at__lt=count.window.ends)
    if count.person_id:
        runs = runs.filter(person=count.person_id)
    elif budget.group_id:
        runs = runs.filter(person__memberships__group=budget.group_id)
    if budget.token_id:
        runs = runs.filter(token=budget.token_id)
    if count.target:
        runs = runs.filter(**{budget.about: count.target}) if budget.about in {"model", "provider"} else runs.none()
    return {run.pk: asked(run.prompt_estimate, rates_of(run), parse(run.parameters)) for run in runs}


def rates_of(run: Run) -> Rates | None:
    """The prices that held when it was asked."""
    return None if run.prompt_rate is None or run.answer_rate is None else Rates(run.prompt_rate, run.answer_rate)


def enter(run: Run, usage: Usage) -> None:
    """Enter it, in the transaction that ends the run. What no model wrote took nothing."""
    if run.provider == UNSET.provider:
        return
    limits.enter(
        run.pk,
        at=run.created_at,
        tenant_id=run.conversation.tenant_id,
        person_id=run.person_id,
        token=run.token,
        model=run.model,
        provider=run.provider,
        tokens=usage.prompt_tokens + usage.completion_tokens,
        cost=usage.cost or 0.0,
    )


def counts_of(run: Run) -> list[Count]:
    """The counts of which a share was set aside for it."""
    use = Use(run.person, run.token, model=run.model, provider=run.provider)
    return limits.counts_for(use, run.created_at)


async def settle(run_id: UUID, counts: list[Count], usage: Usage | None) -> None:
    """Count what it took in place of what was set aside; None for an answer that was never begun: all is given back."""
    if usage is None:
        await limits.release(run_id, counts)
    else:
        await limits.settle(run_id, counts, Spent(usage.prompt_tokens + usage.completion_tokens, usage.cost or 0.0))


def _cost(run: Run, usage: Usage) -> float | None:
    rates = rates_of(run)
    return rates.cost(usage) if rates else None
