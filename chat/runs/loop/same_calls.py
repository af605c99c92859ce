"""Finds that a model makes the same calls again and again, as small models do until they are stopped. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from chat import parts
from chat.parts import AnyPart, ToolCall, ToolResult

NUDGED_AT = 3  # times, this one included
ENDED_AT = 5
NUDGE = "You made this call before, with the same arguments. Do not repeat it: answer with what you have, or do something else."

Signature = tuple[tuple[str, str], ...]


def times(before: Iterable[AnyPart], made: Iterable[AnyPart]) -> int:
    """The number of steps, this one included, that made these very calls, in whatever order."""
    steps: defaultdict[int, list[ToolCall]] = defaultdict(list)
    for call in parts.of_kind(ToolCall, before):
        steps[call.step].append(call)
    now = _signature(parts.of_kind(ToolCall, made))
    return 1 + sum(_signature(calls) == now for calls in steps.values())


def nudged(results: Iterable[AnyPart]) -> list[AnyPart]:
    """The results, each with the word that the call was made before."""
    return [
        msgspec.structs.replace(part, text=f"{part.text}\n\n{NUDGE}") if isinstance(part, ToolResult) else part
        for part in results
    ]


def _signature(calls: list[ToolCall]) -> Signature:
    return tuple(sorted((call.name, json.dumps(json.loads(call.arguments), sort_keys=True)) for call in calls))
