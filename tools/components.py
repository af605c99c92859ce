"""Components that a tool showed: a press of a button or a sent form calls back through the executor, as the person who did it.

What may be called stands in the block that the tool made, on the server: `{"tool", "arguments"}` in a button or a form. A
client names the component and the event, and gives a form's values; it never names a tool.
"""

from typing import Any, NamedTuple
from uuid import UUID

from tools import calls
from tools.calls import Caller, Result
from tools.errors import NotPossible
from tools.models import ToolCall

GONE = "This no longer exists. Reload the page."


class Press(NamedTuple):
    """The call that an event of a component stands for, and the conversation it is in."""

    conversation_id: UUID | None
    person_id: UUID | None
    tool: str
    arguments: dict[str, Any]


def press_of(component_id: str, event: str, value: Any) -> Press:
    """Find what an event of a component calls; whether the person may see the chat, the door asks. Raises NotPossible."""
    call_id, _, number = component_id.rpartition("-")
    row = ToolCall.objects.filter(pk=call_id).first()
    blocks = (row.result or {}).get("blocks", []) if row else []
    if row is None or not number.isdecimal() or int(number) >= len(blocks):
        raise NotPossible(GONE)
    tool, arguments = _action(blocks[int(number)], event, value)
    return Press(row.conversation, row.person_id, tool, arguments)


async def use(caller: Caller, press: Press) -> Result:
    """Make the call. Raises CallRefused."""
    return await calls.call(caller, press.tool, press.arguments)


def _action(block: dict[str, Any], event: str, value: Any) -> tuple[str, dict[str, Any]]:
    if block.get("type") == "buttons":
        pressed = next((one for one in block.get("buttons", []) if one.get("id") == event and "tool" in one), None)
        if pressed:
            return pressed["tool"], dict(pressed.get("arguments", {}))
    if block.get("type") == "form" and event == "submit" and "tool" in block and isinstance(value, dict):
        known = block.get("schema", {}).get("properties", {})
        return block["tool"], block.get("arguments", {}) | {name: given for name, given in value.items() if name in known}
    raise NotPossible(GONE)
