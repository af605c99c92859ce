"""The states of a run and every way between them, each one conditional UPDATE by the database's own clock.

    queued ──claim──> running ──pause──> waiting ──requeue──> queued
       ^                 │ └──finish──> complete | stopped | failed | interrupted
       └──give_back──────┘      (a waiting or queued run is claimed to be stopped)

A claim raises the run's `fence`; every later write names the fence it was claimed under and does nothing under another. So a
runner that was away too long (a stopped process, a cut network) cannot add to a run that was given up meanwhile.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from chat.log.claims import Claim
from chat.models import Run

LEASE_SECONDS = 10


def claim(run_id: UUID, *states: Run.Status) -> Claim | None:
    """Take a run in one of these states, by default a queued one; None when it is not, or another process was faster."""
    sql = """
        UPDATE chat_run SET status = 'running', fence = fence + 1, started_at = coalesce(started_at, now()),
            lease_until = now() + make_interval(secs => %s)
        WHERE id = %s AND status = ANY(%s) RETURNING fence"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [LEASE_SECONDS, run_id, [state.value for state in states or (Run.Status.QUEUED,)]])
        row = cursor.fetchone()
    return Claim(run_id, row[0]) if row else None


def give_back(claim: Claim) -> None:
    """Queue a run again that was claimed and not begun."""
    _change(
        claim, "status = 'queued', lease_until = NULL, started_at = CASE WHEN resumed_at IS NULL THEN NULL ELSE started_at END"
    )


def pause(claim: Claim) -> bool:
    """Leave a run waiting, held by no one. False when the claim is not in force any more."""
    return _change(claim, "status = 'waiting', lease_until = NULL")


def requeue(run_id: UUID) -> bool:
    """Queue a waiting run again, in the transaction that decides the last thing it waited for."""
    sql = "UPDATE chat_run SET status = 'queued', resumed_at = now() WHERE id = %s AND status = 'waiting'"
    with connection.cursor() as cursor:
        cursor.execute(sql, [run_id])
        return bool(cursor.rowcount)


def finish(claim: Claim, **fields: Any) -> bool:
    """End a run in one of the last states. False when the claim is not in force any more."""
    held = Run.objects.filter(pk=claim.run_id, fence=claim.fence, status=Run.Status.RUNNING)
    return bool(held.update(**fields, lease_until=None))


def is_held(claim: Claim) -> bool:
    """Tell whether the claim is in force, and keep it so until the transaction ends."""
    held = Run.objects.select_for_update().filter(pk=claim.run_id, fence=claim.fence, status=Run.Status.RUNNING)
    return held.exists()


def queued(most: int, *, without: Iterable[str] = ()) -> list[UUID]:
    """Queued runs that no one has claimed for a second, oldest first: their wake-up was lost, or was for another machine.

    Runs of the models in `without` are left to others.
    """
    sql = """
        SELECT id FROM chat_run WHERE status = 'queued' AND NOT model = ANY(%s)
            AND coalesce(resumed_at, created_at) < now() - interval '1 s'
        ORDER BY created_at LIMIT %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(without), most])
        return [row[0] for row in cursor.fetchall()]


def take_expired() -> list[Claim]:
    """Take the runs whose lease ran out, to end them. Whoever crashes over it loses the lease in turn."""
    sql = """
        UPDATE chat_run SET fence = fence + 1, lease_until = now() + make_interval(secs => %s)
        WHERE status = 'running' AND lease_until < now() RETURNING id, fence"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [LEASE_SECONDS])
        return [Claim(*row) for row in cursor.fetchall()]


def renew(claims: list[Claim]) -> dict[UUID, bool]:
    """Extend the leases. Gives the runs still held, each with whether a person asked to stop it."""
    sql = """
        UPDATE chat_run r SET lease_until = now() + make_interval(secs => %s)
        FROM unnest(%s::uuid[], %s::int[]) AS held(id, fence)
        WHERE r.id = held.id AND r.fence = held.fence AND r.status = 'running' RETURNING r.id, r.stop_requested"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [LEASE_SECONDS, [c.run_id for c in claims], [c.fence for c in claims]])
        return dict(cursor.fetchall())


def _change(claim: Claim, changes: str) -> bool:
    with connection.cursor() as cursor:
        sql = f"UPDATE chat_run SET {changes} WHERE id = %s AND fence = %s AND status = 'running'"  # noqa: S608  ours alone
        cursor.execute(sql, claim)
        return bool(cursor.rowcount)
