"""The rows of a run's requests to models: one for each step, stored in the transaction that stores its end."""

from collections.abc import Iterable
from uuid import uuid5

from django.utils import timezone

from chat.events import Usage
from chat.log.timing import Timing
from chat.models import ModelCall, Run
from chat.providers.setup_help import UNSET


def of_step(run: Run, number: int, took: Usage, outcome: str, timing: Timing | None = None) -> ModelCall | None:
    """The row of a step; None where no model was asked. `timing` is lost with a runner."""
    if run.provider == UNSET.provider:
        return None
    return ModelCall(
        id=uuid5(run.pk, str(number)),  # stored once, however often it is tried
        at=timing.at if timing else timezone.now(),
        tenant_id=run.conversation.tenant_id,
        person_id=run.person_id,
        token=run.token,
        run_id=run.pk,
        model=run.model,
        provider=run.provider,
        prompt_tokens=took.prompt_tokens,
        completion_tokens=took.completion_tokens,
        cached_tokens=took.cached_tokens,
        cost=took.cost,
        first_token=timing and timing.first_token,
        took=timing and timing.took,
        outcome=outcome[:32],
    )


def store(calls: Iterable[ModelCall | None]) -> None:
    """Store the rows; once each."""
    ModelCall.objects.bulk_create([call for call in calls if call], ignore_conflicts=True)
