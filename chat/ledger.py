"""What an answer took: entered into the ledger with its end, and put in place of what was set aside for it."""

from uuid import UUID

from accounts import limits
from accounts.limits import Count, Spent, Use
from chat.events import Usage
from chat.models import Run
from chat.providers.unset import UNSET

CHARACTERS_A_TOKEN = 4


def spent(run: Run, usage: Usage, written: int) -> Spent:
    """What the provider counted; for an answer that was cut before it could, what its `written` characters say."""
    tokens = usage.prompt_tokens + usage.completion_tokens
    return Spent(tokens or run.prompt_estimate + written // CHARACTERS_A_TOKEN, usage.cost or 0.0)


def enter(run: Run, usage: Usage, written: int) -> None:
    """Enter it, in the transaction that ends the run. What no model wrote took nothing."""
    if run.provider == UNSET.provider:
        return
    took = spent(run, usage, written)
    limits.enter(
        run.pk,
        at=run.created_at,
        tenant_id=run.conversation.tenant_id,
        person_id=run.person_id,
        token=run.token,
        model=run.model,
        provider=run.provider,
        tokens=took.tokens,
        cost=took.cost,
    )


def counts_of(run: Run) -> list[Count]:
    """The counts of which a share was set aside for it."""
    use = Use(run.person, run.token, model=run.model, provider=run.provider)
    return limits.counts_for(use, run.created_at)


async def settle(run_id: UUID, counts: list[Count], took: Spent | None) -> None:
    """Count what it took in place of what was set aside; None for an answer that was never begun: all is given back."""
    if took is None:
        await limits.release(run_id, counts)
    else:
        await limits.settle(run_id, counts, took)
