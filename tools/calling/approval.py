"""Which calls a person is asked about before they run, and what "always" allows."""

from collections.abc import Iterable

from tools.calling.caller import Caller
from tools.models import StandingApproval, ToolSetting
from tools.specs import Risk, Tool

ASKS = ToolSetting.Ask


def reason_to_ask(tool: Tool, setting: ToolSetting | None, caller: Caller, standing: Iterable[StandingApproval]) -> str:
    """Say why a person must decide first; an empty text if the call may run at once. `standing` are the caller's own."""
    risk, ask = tool.spec.risk, setting.ask if setting else ""
    if risk is Risk.CRITICAL:
        return f"“{tool.spec.title}” cannot be undone."
    if not caller.is_model:  # a person who calls a tool with arguments they see has decided
        return ""
    if ask == ASKS.ALWAYS:
        return f"An operator wants a decision before each call of “{tool.spec.title}”."
    if ask == ASKS.NEVER or (risk is Risk.READ and ask != ASKS.ONCE):
        return ""
    return "" if _stands(tool, caller, standing) else f"“{tool.spec.title}” changes something."


def _stands(tool: Tool, caller: Caller, standing: Iterable[StandingApproval]) -> bool:
    """Check whether the person said "always". A tool that is described otherwise since then is another tool."""
    about = (tool.spec.name, tool.definition)
    where = [None, caller.conversation_id] if caller.conversation_id else [None]
    return any((row.tool, row.definition) == about and row.conversation in where for row in standing)


def remember(tool: Tool, caller: Caller, *, everywhere: bool) -> None:
    """Keep an "always", for this conversation or everywhere; an older one for another description is replaced."""
    StandingApproval.objects.update_or_create(
        person=caller.person,
        tool=tool.spec.name,
        conversation=None if everywhere else caller.conversation_id,
        defaults={"definition": tool.definition},
    )
