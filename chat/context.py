"""What a model is given: the system prompt and the branch of the conversation that the answer continues."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from chat.providers.base import Turn

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
    return Branch([Turn(role, text) for role, text in before if text], begun)


def turns_for(branch: Branch) -> list[Turn]:
    """The whole request: the rules, the branch, and for a continued answer what it says so far."""
    rules = "\n\n".join(filter(None, (system_prompt(), branch.instructions)))
    turns = [Turn("system", rules), *branch.turns]
    if branch.begun:
        turns += [Turn("assistant", branch.begun), Turn("user", CONTINUE)]
    return turns


@lru_cache(maxsize=1)
def system_prompt() -> str:
    """`SYSTEM_PROMPT_OVERRIDE`, else the text of `system_prompt.md`."""
    override: str = settings.ENVIRONMENT.system_prompt_override
    return override or Path(settings.BASE_DIR, "system_prompt.md").read_text(encoding="utf-8").strip()
