"""Tags in which models write calls of tools, and their beginnings in a text that grows. Pure."""

_NAMES = ("tool_call", "tool_calls", "tool-call", "toolcall", "function_call", "function_calls")
OPENERS = (*(f"<{name}>" for name in _NAMES), "<|tool_call|>", "<|tool_call>")
CLOSERS = (*(f"</{name}>" for name in _NAMES), "<|/tool_call|>", "</|tool_call|>", "<tool_call|>")
RESULTS = ("<tool_result", "</tool_result")
_LONGEST = max(map(len, OPENERS + CLOSERS + RESULTS))


def at(text: str, place: int, tags: tuple[str, ...]) -> int:
    """The length of the tag that stands at a place; 0 for none."""
    found = text[place : place + _LONGEST].lower()
    return next((len(tag) for tag in tags if found.startswith(tag)), 0)


def begins(text: str, place: int, tags: tuple[str, ...] = OPENERS + CLOSERS + RESULTS) -> bool:
    """Tell whether the rest of a text may be the beginning of a tag."""
    if len(text) - place >= _LONGEST:
        return False
    rest = text[place:].lower()
    return any(tag.startswith(rest) for tag in tags)


def find(text: str, place: int, within: int, tags: tuple[str, ...] = CLOSERS) -> int:
    """The place of the first of these tags from a place on, within so many characters; -1 for none."""
    part = text[place : place + within].lower()
    found = [where for tag in tags if (where := part.find(tag)) >= 0]
    return place + min(found) if found else -1
