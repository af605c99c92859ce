"""The rows of long calls while they are under way. Each change is one conditional UPDATE by the database's clock.

    ready | (new) ──queue──> queued ──claim──> running ──end──> succeeded | failed | cancelled | unknown
                               └───── release ────┘

A worker names its claim with each write, and does nothing under another: one that seemed lost and comes back changes nothing.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import DateTimeField, F, Func
from django.db.models.functions import Now

from accounts.models import User
from accounts.storage.connections import after_commit
from tools.execution import channel
from tools.execution.channel import Cancel
from tools.models import ToolCall

LOST_AFTER = timedelta(seconds=12)  # without a sign of life; a worker gives one every three

DATABASE_SINCE = Func(function="pg_postmaster_start_time", output_field=DateTimeField())

State = ToolCall.State


def queue(row: ToolCall) -> bool:
    """Store that the call is to be taken by a worker. False when it is under way already, or over."""
    row.state, row.is_long = State.QUEUED, True
    changed = {name: getattr(row, name) for name in ("state", "is_long", "zone", "arguments", "sent", "cost", "dispatched_at")}
    ready = ToolCall.objects.filter(pk=row.pk, person=row.person, state=State.READY)
    if ready.update(heard_at=Now(), **changed):
        return True
    ToolCall.objects.bulk_create([row], ignore_conflicts=True)
    own = ToolCall.objects.filter(pk=row.pk, person=row.person, is_long=True, dispatched_at=row.dispatched_at)
    return bool(own.update(heard_at=Now()))


def under_way(person: User) -> int:
    """The number of the person's long calls that workers have, or are to take."""
    return ToolCall.objects.filter(is_long=True, state__in=ToolCall.UNDER_WAY, person=person).count()


def unqueue(row: ToolCall) -> None:
    """Make a call that no worker has taken as it was before it was queued."""
    queued = ToolCall.objects.filter(pk=row.pk, state=State.QUEUED, dispatched_at=row.dispatched_at)
    queued.update(state=State.READY, is_long=False)


def claim(call_id: str, token: UUID) -> ToolCall | None:
    """Take a queued call; None when it is not queued any more."""
    queued = ToolCall.objects.filter(pk=call_id, state=State.QUEUED)
    if not queued.update(state=State.RUNNING, claim=token, tries=F("tries") + 1, heard_at=Now()):
        return None
    return ToolCall.objects.select_related("person").filter(pk=call_id, claim=token).first()


def renew(held: Collection[tuple[str, UUID]]) -> dict[str, bool]:
    """Give a sign of life for these calls. Returns those that are still held, each with whether it is to be cancelled."""
    sql = """
        UPDATE tools_toolcall c SET heard_at = now() FROM unnest(%s::text[], %s::uuid[]) AS held(id, claim)
        WHERE c.id = held.id AND c.claim = held.claim AND c.state = 'running' RETURNING c.id, c.cancel_asked"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [[call for call, _ in held], [token for _, token in held]])
        return dict(cursor.fetchall())


def release(row: ToolCall) -> bool:
    """Queue a call again that its worker does not finish. Only for one that may be run twice, or has not begun."""
    held = ToolCall.objects.filter(pk=row.pk, claim=row.claim, state=State.RUNNING)
    return bool(held.update(state=State.QUEUED, claim=None, heard_at=Now()))


def end(row: ToolCall) -> bool:
    """Store the end of a call; also of one that was given up as unknown meanwhile. False under another claim."""
    known = (State.RUNNING, State.UNKNOWN) if row.claim else (State.QUEUED,)
    held = ToolCall.objects.filter(pk=row.pk, claim=row.claim, state__in=known)
    ended = {name: getattr(row, name) for name in ("state", "result", "error", "is_cached", "ended_at")}
    if held.update(**ended):
        return True
    # An earlier try may have lost its answer.
    return ToolCall.objects.filter(pk=row.pk, claim=row.claim, state=row.state, ended_at=row.ended_at).exists()


def overdue(call_id: str = "") -> list[ToolCall]:
    """Calls under way of which nothing was heard for too long; with an id, that one if it is so.

    While PostgreSQL was away no worker could be heard: a database that has just started condemns none.
    """
    open_ones = ToolCall.objects.filter(is_long=True, state__in=ToolCall.UNDER_WAY).select_related("person")
    silent = open_ones.alias(database_since=DATABASE_SINCE).filter(
        heard_at__lt=Now() - LOST_AFTER, database_since__lt=Now() - LOST_AFTER
    )
    return list(silent.filter(pk=call_id) if call_id else silent)


def hinted(call_id: str) -> bool:
    """Note that workers are told of a queued call again, so that one process does it."""
    silent = ToolCall.objects.filter(pk=call_id, state=State.QUEUED, heard_at__lt=Now() - LOST_AFTER)
    return bool(silent.update(heard_at=Now()))


def queued(most: int) -> list[str]:
    """The calls that wait longest for a worker."""
    waiting = ToolCall.objects.filter(state=State.QUEUED).order_by("dispatched_at")
    return list(waiting.values_list("pk", flat=True)[:most])


def unwanted(call_id: str) -> ToolCall | None:
    """The call, if it is to be cancelled and no worker has it."""
    queued = ToolCall.objects.filter(pk=call_id, state=State.QUEUED, cancel_asked=True)
    return queued.select_related("person").first()


def long_among(call_ids: Collection[str], conversation_id: UUID) -> set[str]:
    """Those of a conversation's calls that were given to a worker."""
    found = ToolCall.objects.filter(pk__in=call_ids, conversation=conversation_id, is_long=True)
    return set(found.values_list("pk", flat=True))


def adopt(call_id: str, run_id: UUID) -> None:
    """Let a call belong to the run that goes on with the answer of an earlier one."""
    ToolCall.objects.filter(pk=call_id, is_long=True).exclude(run=run_id).update(run=run_id)


def ask_to_cancel(**which: Any) -> list[str]:
    """Ask workers to end these calls; they hear of it when the transaction is committed. Returns the calls."""
    wanted = ToolCall.objects.filter(is_long=True, state__in=ToolCall.UNDER_WAY, **which)
    asked = list(wanted.values_list("pk", flat=True))
    if asked:
        wanted.filter(pk__in=asked).update(cancel_asked=True)
        after_commit(lambda: channel.ask([Cancel(call) for call in asked]))
    return asked
