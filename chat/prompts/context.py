"""Context that a model is given: the system prompt and the branch of the conversation that the answer continues."""

from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts.storage import texts
from chat import parts
from chat.markdown import seen
from chat.parts import AnyPart, Text, ToolCall, ToolResult
from chat.providers.base import Turn
from chat.providers.reading.counting import BYTES_A_TOKEN

CONTINUE = "Continue your last answer exactly where it stopped. Do not repeat anything and do not comment on the break."

BREAK = Text("\n\n")


class Branch(NamedTuple):
    """The turns before an answer, oldest first, and the parts that the answer already has (when it goes on)."""

    turns: list[Turn]
    begun: list[AnyPart]
    instructions: str = ""  # the person's own
    is_given: bool = False  # of a program's request, which brings its own rules


def branch_of(answer_id: UUID) -> Branch:
    """Read the answer and its ancestors in one query."""
    sql = """
        WITH RECURSIVE branch AS (
            SELECT id, parent_id, role, parts, 0 AS depth FROM chat_message WHERE id = %s
            UNION ALL
            SELECT m.id, m.parent_id, m.role, m.parts, b.depth + 1
            FROM chat_message m JOIN branch b ON m.id = b.parent_id
        ) SELECT role, parts::text FROM branch ORDER BY depth DESC"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [answer_id])
        *before, (_, begun) = cursor.fetchall()
    turns = [Turn(role, tuple(parts.decode(stored))) for role, stored in before]
    return Branch([turn for turn in turns if _says_something(turn)], parts.decode(begun))


def turns_for(branch: Branch) -> list[Turn]:
    """The whole request: the rules, the branch, and for a continued answer the parts it has so far.

    After calls and their results the model goes on by itself; after words it is asked to.
    """
    rules_ = [] if branch.is_given else [Turn.said("system", rules(branch.instructions))]
    turns = [*rules_, *branch.turns]
    begun = branch.begun
    if begun and (isinstance(begun[-1], ToolResult) or parts.open_calls(begun)):
        turns.append(Turn("assistant", tuple(begun)))
    elif not seen.is_blank(parts.text_of(begun)):
        turns += [Turn("assistant", tuple(begun)), Turn.said("user", CONTINUE)]
    return in_turn(turns)


def fitted(turns: list[Turn], window: int | None, *, spared: int = 0) -> tuple[list[Turn], int]:
    """The turns that fit into a window of so many tokens, and the number of those left out, which are the oldest.

    A quarter of the window is kept for the answer, besides the tokens `spared` for the tools, which each request describes.
    The rules, the last question and the beginning of its answer stay, whatever their size.
    """
    if window is None:
        return turns, 0
    room = (window * 3 // 4 - spared) * BYTES_A_TOKEN
    rules_, rest = turns[:1], turns[1:]
    newest = max((at for at, turn in enumerate(rest) if turn.role == "user"), default=0)
    newest = max((at for at, turn in enumerate(rest[:newest]) if turn.role == "user"), default=0) if _asks_on(rest) else newest
    sizes = [turn.size for turn in rest]
    left_out = 0
    while left_out < newest and rules_[0].size + sum(sizes[left_out:]) > room:
        left_out = next(at for at in range(left_out + 1, newest + 1) if rest[at].role == "user")
    return [*rules_, *rest[left_out:]], left_out


def _asks_on(turns: list[Turn]) -> bool:
    """Tell whether the last turn asks for the rest of an answer: that needs its question."""
    return turns[-1].text == CONTINUE


def in_turn(turns: list[Turn]) -> list[Turn]:
    """The turns, of which no two of one role follow each other: a question without an answer goes with the next one."""
    return [_as_one(list(same)) for _, same in groupby(turns, attrgetter("role"))]


def _as_one(same: list[Turn]) -> Turn:
    first, *others = same
    more = [part for turn in others for part in (BREAK, *turn.parts)]
    return Turn(first.role, (*first.parts, *more)) if others else first


def _says_something(turn: Turn) -> bool:
    return not texts.is_blank(turn.text) or bool(parts.of_kind(ToolCall, turn.parts))


def rules(instructions: str) -> str:
    """The text above each request: the system prompt, and the person's own instructions."""
    return "\n\n".join(filter(None, (system_prompt(), instructions)))


def tokens_of(text: str) -> int:
    """An estimate of the tokens of a text, before anyone has counted them."""
    return len(text.encode(errors="replace")) // BYTES_A_TOKEN


def tokens_of_branch(message_id: UUID | None) -> int:
    """The same of a message with all that stands before it, which are sent with each question.

    Its words count, and where it used tools all of its parts.
    """
    sql = """
        WITH RECURSIVE branch AS (
            SELECT id, parent_id FROM chat_message WHERE id = %s
            UNION ALL
            SELECT m.id, m.parent_id FROM chat_message m JOIN branch b ON m.id = b.parent_id
        ) SELECT coalesce(sum(CASE
            WHEN m.parts @> '[{"type": "tool_result"}]' THEN octet_length(m.parts::text) ELSE octet_length(m.text) END), 0)
        FROM branch JOIN chat_message m USING (id)"""
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
