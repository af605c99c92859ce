"""The decisions that a conversation's answer waits for, as its page asks for them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from chat.delivery.drawing.arguments import Field, Input, fields_of, inputs_of
from chat.models import Conversation, Run, RunWait

AT_ONCE = timedelta(seconds=1)  # calls of one step begin to wait together
TOLD_FOR = timedelta(seconds=15)
SAYS = {"once": "allowed", "always": "allowed, for this chat,", "deny": "did not allow"}


class Approval(NamedTuple):
    """A call that waits, or waited just now: the question, and the decision in words once there is one.

    `inputs`, for `arguments`, are for the person who asked alone: with others' words it would run with that person's rights.
    """

    call: str
    title: str
    reason: str
    fields: list[Field]
    inputs: list[Input]
    arguments: str
    may_always: bool
    expires: int
    place: int
    outcome: str


class Approvals(NamedTuple):
    """The calls of one step that wait together."""

    asked: list[Approval]

    @property
    def open_ones(self) -> int:
        """Number of those that are still to be decided."""
        return sum(not one.outcome for one in self.asked)


def approvals(conversation: Conversation, reader: User) -> Approvals:
    """Return what the conversation's answer waits for; once nothing is open, for a moment what was decided."""
    run = conversation.runs.filter(status__in=Run.OPEN).first()
    every = run.waits.select_related("decided_by", "run").order_by("created_at", "pk") if run else []
    waits = [wait for wait in every if _is_for_people(wait)]
    together = [wait for wait in waits if waits[-1].created_at - wait.created_at < AT_ONCE]
    since = timezone.now() - TOLD_FOR
    if not any(wait.decided_at is None or wait.decided_at > since for wait in together):
        return Approvals([])
    return Approvals(_asked(together, reader))


def _is_for_people(wait: RunWait) -> bool:
    """Tell whether a person decides it; a long tool comes back by itself."""
    return bool(wait.asked.get("kind", "approval") == "approval")


def _asked(waits: Sequence[RunWait], reader: User) -> list[Approval]:
    return [_approval(wait, place, reader) for place, wait in enumerate(waits, 1)]


def _approval(wait: RunWait, place: int, reader: User) -> Approval:
    asked: dict[str, Any] = wait.asked
    arguments = str(asked.get("arguments", "{}"))
    is_askers = wait.run.person_id == reader.pk
    return Approval(
        call=wait.call,
        title=str(asked.get("title") or asked.get("tool", "")),
        reason=str(asked.get("reason", "")),
        fields=fields_of(arguments),
        inputs=inputs_of(arguments) if is_askers else [],
        arguments=arguments if is_askers else "{}",
        may_always=is_askers and asked.get("always", True) is not False,
        expires=int(wait.expires_at.timestamp() * 1000),
        place=place,
        outcome=_outcome(wait, reader),
    )


def _outcome(wait: RunWait, reader: User) -> str:
    if wait.decided_at is None:
        return ""
    says = SAYS.get(str((wait.decision or {}).get("decision")))
    if says is None:
        return "No one decided in time:"
    who = "You" if wait.decided_by == reader else wait.decided_by.display_name if wait.decided_by else "Someone"
    return f"{who} {says}"
