"""Reading on in a result that was too long for a model."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from accounts.models import User
from accounts.storage.connections import in_database
from tools.authoring import tool
from tools.calling import recorder, rows
from tools.calling.output import MOST_KEPT, read_on
from tools.models import ToolCall
from tools.specs import Context, Reply, ToolError

MOST = 16_000  # characters at once: with the words around them, less than what a model reads of one result
READABLE = (ToolCall.State.SUCCEEDED, ToolCall.State.FAILED)
MISSING = "You have no call {} in this chat whose result can be read."

CallId = Annotated[str, Meta(description="Id of the call, as its cut result names it", min_length=1, max_length=36)]
Offset = Annotated[int, Meta(description="Number of characters to skip", ge=0, le=MOST_KEPT)]
Length = Annotated[int, Meta(description="Number of characters to read", ge=1, le=MOST)]


@tool(title="Read on in a result", category="Tools")
async def read_result(context: Context, call_id: CallId, offset: Offset = 0, length: Length = MOST) -> Reply:
    """Read a part of the result of an earlier call of this chat, where it was too long to be given whole."""
    await recorder.flush()  # the call may have ended just now
    text = await in_database(_text, context.person, call_id, context.conversation_id)
    return Reply(text=_part(text, call_id, offset, length))


def _text(person: User, call_id: str, conversation_id: UUID | None) -> str:
    """The stored text of the person's own call of this chat. Raises ToolError."""
    row = rows.of_calls([call_id], conversation_id).get(call_id)
    if row is None or row.person_id != person.pk or row.state not in READABLE:
        raise ToolError(MISSING.format(call_id))
    return rows.as_kept(row).text


def _part(text: str, call_id: str, offset: int, length: int) -> str:
    if offset >= len(text):
        raise ToolError(f"The result of {call_id} has {len(text):,} characters; there is nothing at {offset:,}.")
    end = min(offset + length, len(text))
    rest = f"\n\n[{read_on(call_id, end)}]" if end < len(text) else ""
    return f"[Characters {offset:,} to {end:,} of {len(text):,}]\n\n{text[offset:end]}{rest}"
