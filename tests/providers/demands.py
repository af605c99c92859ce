"""Demands of each provider on requests with tool calls: it refuses in its own words those that do not meet them."""

import json
from collections.abc import Iterator
from typing import Any

from tests.providers import plain

Turn = dict[str, Any]


def unmet(wire: str, model: str, body: Any) -> str:
    """The refusal; empty for a request that fits."""
    turns = body.get("messages") or []
    if plain.takes_no_tools(model):
        has_calls = any("tool_calls" in turn or turn["role"] == "tool" for turn in turns)
        return f"registry.ollama.ai/library/{model} does not support tools" if has_calls or "tools" in body else ""
    if wire == "anthropic":
        return _of_anthropic(turns)
    return next(_of_openai(turns, wire), "") if wire in {"openai", "gemini_door", "ollama_door"} else ""


def _of_openai(turns: list[Turn], wire: str) -> Iterator[str]:
    for place, turn in enumerate(turns):
        calls = turn.get("tool_calls") or []
        ids = [call["id"] for call in calls]
        answered = [other["tool_call_id"] for other in turns[place + 1 : place + 1 + len(calls)] if other["role"] == "tool"]
        if ids != answered or len(set(ids)) < len(ids):
            yield f"An assistant message with 'tool_calls' must be followed by tool messages responding to each: {ids}"
        if any(not 0 < len(one) <= 40 for one in ids):
            yield "Invalid 'messages.tool_calls[0].id': string too long."
        if any(not isinstance(json.loads(call["function"]["arguments"]), dict) for call in calls):
            yield "invalid tool call arguments"
        if wire == "gemini_door" and calls and not calls[0].get("extra_content", {}).get("google", {}).get("thought_signature"):
            yield "Function call is missing a thought_signature in functionCall parts."


def _of_anthropic(turns: list[Turn]) -> str:
    for place, turn in enumerate(turns):
        used = [block["id"] for block in _blocks(turn, "tool_use")]
        after = turns[place + 1] if place + 1 < len(turns) else {}
        answered = [block["tool_use_id"] for block in _blocks(after, "tool_result")]
        if len(set(used)) < len(used):
            return "messages: `tool_use` ids must be unique"
        if used and used != answered:
            return f"`tool_use` ids were found without `tool_result` blocks immediately after: {used}"
    return ""


def _blocks(turn: Turn, kind: str) -> list[Turn]:
    content = turn.get("content")
    return [block for block in content if block["type"] == kind] if isinstance(content, list) else []
