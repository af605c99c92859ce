"""The log of a run, kept as rows for good: all that reads or writes `RunEvent`."""

from uuid import UUID

from django.db.models import Q, RowRange, Sum, Window
from django.db.models.functions import Length

from accounts.storage.connections import binding_cursor
from chat.log.claims import Claim
from chat.log.lines import Line, lines_of
from chat.log.log_buffer import Entry
from chat.models import RunEvent

# Whoever reads this may take it slowly, and many may: so much of an answer is in memory for each of them.
MOST_CHARACTERS = 256_000


def begin(run_id: UUID, accepted: bytes) -> None:
    """Store event 1, in the transaction that creates the run."""
    RunEvent.objects.create(run_id=run_id, first=1, last=1, frames=accepted.decode())


def save(entries: list[tuple[Claim, Entry]]) -> set[UUID]:
    """Store entries, all runs in one statement. Gives the runs that are still claimed; the others' entries are dropped.

    `FOR SHARE` makes a giving-up of the run wait for this statement, and this statement see one that came before. An entry
    that is stored already (the answer of an earlier try was lost) is passed over.
    """
    sql = """
        WITH held AS (
            SELECT r.id FROM chat_run r JOIN unnest(%s::uuid[], %s::int[]) AS c(id, fence)
            ON r.id = c.id AND r.fence = c.fence WHERE r.status = 'running' FOR SHARE OF r
        ), stored AS (
            INSERT INTO chat_runevent (run_id, first, last, frames)
            SELECT e.* FROM unnest(%s::uuid[], %s::int[], %s::int[], string_to_array(%s, chr(30)))
                AS e(run_id, first, last, frames)
            WHERE e.run_id IN (SELECT id FROM held) ON CONFLICT (run_id, first) DO NOTHING
        ) SELECT id FROM held"""
    claims = list(dict.fromkeys(claim for claim, _ in entries))
    runs, fences = [c.run_id for c in claims], [c.fence for c in claims]
    ids, firsts, lasts = zip(*((c.run_id, e.first, e.last) for c, e in entries), strict=True)
    # Frames hold no control characters (JSON), so one separates them: an array of texts would be quoted text by text in Python,
    # which for 200 runs held the event loop up for 20 ms.
    frames = b"\x1e".join(e.packed for _, e in entries).decode()
    with binding_cursor() as cursor:
        cursor.execute(sql, [runs, fences, list(ids), list(firsts), list(lasts), frames])
        return {row[0] for row in cursor.fetchall()}


def finish(run_id: UUID, entries: list[Entry]) -> None:
    """Store the last entries, in the transaction that ends the run. The last of them, the final event, must be new."""
    *earlier, final = (RunEvent(run_id=run_id, first=e.first, last=e.last, frames=e.packed.decode()) for e in entries)
    RunEvent.objects.bulk_create(earlier, ignore_conflicts=True)  # a try to store them may have lost its answer
    final.save(force_insert=True)


def is_stored(claim: Claim, entry: Entry) -> bool:
    """Tell whether exactly this entry was stored under this claim."""
    held = RunEvent.objects.filter(run_id=claim.run_id, run__fence=claim.fence)
    return held.filter(first=entry.first, frames=entry.packed.decode()).exists()


def last_line(run_id: UUID) -> Line | None:
    """The last event that the rows have; None for a run that was deleted."""
    row = RunEvent.objects.filter(run_id=run_id).order_by("-first").first()
    return lines_of(row.first, row.frames.encode())[-1] if row else None


def lines_after(run_id: UUID, after: int, *, most: int | None = MOST_CHARACTERS) -> list[Line]:
    """Return the lines beyond `after`, in order: whole rows, the last of them the one that passes `most` characters."""
    found = RunEvent.objects.filter(run_id=run_id, last__gt=after).order_by("first")
    if most is not None:
        before = Window(Sum(Length("frames")), order_by="first", frame=RowRange(None, -1))
        found = found.annotate(before=before).filter(Q(before=None) | Q(before__lt=most))
    rows = found.values_list("first", "frames")
    return [line for first, frames in rows for line in lines_of(first, frames.encode(), after=after)]
