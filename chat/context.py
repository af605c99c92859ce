"""What a model is given: the system prompt and the branch of the conversation that the answer continues."""

from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts import texts
from chat.markdown import seen
from chat.providers.base import Turn
from chat.providers.counting import BYTES_A_TOKEN

CONTINUE = "Continue your last answer exactly where it stopped. Do not repeat anything and do not comment on the break."


class Branch(NamedTuple):
    """The turns before an answer, oldest first, and what the answer already says (when it is continued)."""

    turns: list[Turn]
    begun: str
    instructions: str = ""  # the person's own


def branch_of(answer_id: UUID) -> Branch:
    """Read the answer and its ancestors in one query."""
    sql = """
        WITH RECURSIVE branch AS (
            SELECT id, parent_id, role, text, 0 AS depth FROM chat_message WHERE id = %s
            UNION ALL
            SELECT m.id, m.parent_id, m.role, m.text, b.depth + 1
            FROM chat_message m JOIN branch b ON m.id = b.parent_id
        ) SELECT role, text FROM branch ORDER BY depth DESC"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [answer_id])
        *before, (_, begun) = cursor.fetchall()
    return Branch([Turn(role, text) for role, text in before if not texts.is_blank(text)], begun)


def turns_for(branch: Branch) -> list[Turn]:
    """The whole request: the rules, the branch, and for a continued answer what it says so far."""
    turns = [Turn("system", rules(branch.instructions)), *branch.turns]
    if not seen.is_blank(branch.begun):
        turns += [Turn("assistant", branch.begun), Turn("user", CONTINUE)]
    return in_turn(turns)


def in_turn(turns: list[Turn]) -> list[Turn]:
    """The turns, of which no two of one role follow each other: a question without an answer goes with the next one."""
    return [Turn(role, "\n\n".join(turn.content for turn in same)) for role, same in groupby(turns, attrgetter("role"))]


def rules(instructions: str) -> str:
    """The text above each request: the system prompt, and the person's own instructions."""
    return "\n\n".join(filter(None, (system_prompt(), instructions)))


def tokens_of(text: str) -> int:
    """An estimate of the tokens of a text, before anyone has counted them."""
    return len(text.encode(errors="replace")) // BYTES_A_TOKEN


def tokens_of_branch(message_id: UUID | None) -> int:
    """The same of a message with all that stands before it, which are sent with each question."""
    sql = """
        WITH RECURSIVE branch AS (
            SELECT parent_id, octet_length(text) AS size FROM chat_message WHERE id = %s
            UNION ALL
            SELECT m.parent_id, octet_length(m.text) FROM chat_message m JOIN branch b ON m.id = b.parent_id
        ) SELECT coalesce(sum(size), 0) FROM branch"""
    if message_id is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, [message_id])
        return int(cursor.fetchone()[0]) // BYTES_A_TOKEN


@lru_cache(maxsize=1)
def system_prompt() -> str:
    """`SYSTEM_PROMPT_OVERRIDE`, else the text of `system_prompt.md`."""
    override: str = settings.ENVIRONMENT.system_prompt_override
    return override or Path(settings.BASE_DIR, "system_prompt.md").read_text(encoding="utf-8").strip()
