"""Who may write to a run: claims, leases and fences in PostgreSQL, by the database's own clock.

A claim raises the run's `fence`; every later write names the fence it was claimed under and does nothing under another. So a
runner that was away too long (a stopped process, a cut network) cannot add to a run that was given up meanwhile.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from chat.log.claims import Claim

LEASE_SECONDS = 10


def claim(run_id: UUID) -> Claim | None:
    """Take a queued run; None when somebody else has it or it was stopped before it began."""
    sql = """
        UPDATE chat_run
        SET status = 'running', fence = fence + 1, started_at = now(), lease_until = now() + make_interval(secs => %s)
        WHERE id = %s AND status = 'queued' RETURNING fence"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [LEASE_SECONDS, run_id])
        row = cursor.fetchone()
    return Claim(run_id, row[0]) if row else None


def give_back(claim: Claim) -> None:
    """Queue a run again that was claimed and not begun."""
    sql = "UPDATE chat_run SET status = 'queued', started_at = NULL, lease_until = NULL WHERE id = %s AND fence = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND status = 'running'", claim)


def waiting(most: int, *, without: Iterable[str] = ()) -> list[UUID]:
    """Queued runs that no one has claimed for a second, oldest first: their wake-up was lost, or was for another machine.

    Runs of the models in `without` are left to others.
    """
    sql = """
        SELECT id FROM chat_run WHERE status = 'queued' AND created_at < now() - interval '1 s' AND NOT model = ANY(%s)
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
