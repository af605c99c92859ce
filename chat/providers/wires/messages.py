"""The turns of a request as each wire takes them: one function a wire. Pure.

Both take OpenAI's shape; what differs is how a provider's own data (signed thinking, ids, signatures of calls) goes back. It
goes to its origin alone: another provider, model or credential would refuse it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from chat import parts
from chat.parts import AnyPart, Image, Origin, Reasoning, Text, ToolCall, ToolResult
from chat.providers.base import Request, ToolSpec, Turn
from chat.providers.known import registry

Message = dict[str, Any]
# What any provider takes as an id. Its own goes back as it came, but to OpenAI's chat no longer one than this.
LONGEST_ID = 40
ID = re.compile(r"[a-zA-Z0-9_-]+")


def for_openai(request: Request) -> list[Message]:
    """The messages for a server that speaks OpenAI's chat completions."""
    needs_thoughts = registry.canonical(request.model.provider) == "deepseek"
    return _messages(request, lambda said, here: _with_thoughts(said, here, always=needs_thoughts))


def for_litellm(request: Request) -> list[Message]:
    """The messages for LiteLLM, which translates them to the provider's own wire."""
    return _messages(request, _with_thinking)


def tools_for(request: Request) -> Message:
    """Return the fields of a request for its tools, and for the form of the answer."""
    told = {"tools": [_of_tool(tool) for tool in request.tools]} if request.tools else {}
    return told | request.form.given(with_tools=bool(told))


def tools_for_litellm(request: Request) -> Message:
    """The same. A history of calls without tools is refused by some: they are told of those tools, and may call none."""
    told = tools_for(request)
    names = dict.fromkeys(call.name for turn in request.turns for call in parts.of_kind(ToolCall, turn.parts))
    if request.tools or not names:
        return told
    return told | {"tools": [_spec(name, "No longer available.", {"type": "object"}) for name in names], "tool_choice": "none"}


def _of_tool(tool: ToolSpec) -> Message:
    told = _spec(tool.name, tool.description, tool.parameters)
    if tool.strict is not None:
        told["function"]["strict"] = tool.strict
    return told


def _spec(name: str, description: str, parameters: dict[str, Any]) -> Message:
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def _messages(request: Request, extras: Callable[[list[AnyPart], Origin], Message]) -> list[Message]:
    here = request.model.origin
    return [message for turn in request.turns for message in _of_turn(turn, here, extras)]


def _of_turn(turn: Turn, here: Origin, extras: Callable[[list[AnyPart], Origin], Message]) -> Iterator[Message]:
    if turn.role != "assistant":
        yield {"role": turn.role, "content": _content(turn)}
        return
    results = {result.call: result for result in parts.of_kind(ToolResult, turn.parts)}
    for said in parts.steps_of(turn.parts):
        calls = parts.of_kind(ToolCall, said)
        if calls or parts.text_of(said):
            yield {"role": "assistant", **_answer(said, calls, here), **extras(said, here)}
        for call in calls:
            yield {"role": "tool", "tool_call_id": _id(call, here), "content": parts.told(results.get(call.call))}


def _content(turn: Turn) -> str | list[Message]:
    """Return the content of a question: its words, or words and images in their places if it has any."""
    if not parts.of_kind(Image, turn.parts):
        return turn.text
    return [block for part in turn.parts if (block := _shown(part))]


def _shown(part: AnyPart) -> Message | None:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text} if part.text.strip() else None
    if not isinstance(part, Image):
        return None
    return {"type": "image_url", "image_url": {"url": part.url} | ({"detail": part.detail} if part.detail else {})}


def _answer(said: list[AnyPart], calls: list[ToolCall], here: Origin) -> Message:
    content = {"content": parts.text_of(said) or None}
    return content | {"tool_calls": [_call(call, here) for call in calls]} if calls else content


def _call(call: ToolCall, here: Origin) -> Message:
    function = {"name": call.name, "arguments": call.arguments}
    own = _own(call, here)
    rest: Message = {key: own[key] for key in ("provider_specific_fields", "extra_content") if key in own}
    return {"id": _id(call, here), "type": "function", "function": function, **rest}


def _id(call: ToolCall, here: Origin) -> str:
    """The provider's own id where it takes it back, else ours, which all take."""
    own = _own(call, here).get("id", "")
    is_good = ID.fullmatch(own) and (len(own) <= LONGEST_ID or "__thought__" in own)
    return own if is_good else call.call


def _own(part: AnyPart, here: Origin) -> dict[str, Any]:
    """Return the data of the part that this provider wants back."""
    return part.data if part.data is not None and part.origin == here else {}


def _with_thoughts(said: list[AnyPart], here: Origin, *, always: bool) -> Message:
    """OpenRouter's details, and the thoughts that servers of DeepSeek's kind want with calls."""
    thoughts = [(part, _own(part, here)) for part in parts.of_kind(Reasoning, said)]
    extras: Message = {}
    if details := [detail for _, own in thoughts for detail in own.get("reasoning_details", ())]:
        extras["reasoning_details"] = details
    if not parts.of_kind(ToolCall, said):
        return extras
    if text := "".join(part.text for part, own in thoughts if own.get("field") == "reasoning_content"):
        extras["reasoning_content"] = text
    elif always:
        extras["reasoning_content"] = ""
    return extras


def _with_thinking(said: list[AnyPart], here: Origin) -> Message:
    """Anthropic's signed thinking, where it stood: in the content, or before it where a block of it is redacted."""
    blocks = [block for part in parts.of_kind(Reasoning, said) if (block := _block(part, here))]
    if not blocks:
        return {}
    if any(block["type"] == "redacted_thinking" for block in blocks):
        return {"thinking_blocks": blocks}
    return {"content": [block for part in said if (block := _block(part, here))]}


def _block(part: AnyPart, here: Origin) -> Message | None:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text} if part.text.strip() else None
    own = _own(part, here) if isinstance(part, Reasoning) else {}
    if "signature" in own and isinstance(part, Reasoning):
        return {"type": "thinking", "thinking": part.text, "signature": own["signature"]}
    return {"type": "redacted_thinking", "data": own["data"]} if "data" in own else None
