"""A request whose tools are told of in words, for models that take no tools. Pure.

The model writes a call as `<tool_call>{"tool": …, "arguments": {…}}</tool_call>` and reads its result in the next message;
`chat.providers.reading.written_calls` reads what it writes. The examples matter most: with them models of half a billion
parameters choose the right tool, and answer in plain words where none is needed.
"""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

import msgspec

from chat import parts
from chat.parts import AnyPart, Text, ToolCall, ToolResult
from chat.providers.base import Request, ToolSpec, Turn
from chat.providers.fitting.signatures import signature

MOST_EXAMPLES = 2
MOST_OF_AN_EXAMPLE = 400  # characters
GO_ON = "Answer my question now with these results. Call a tool only if something is missing, and never the same call again."
PLAIN = (("Thank you!", "You are welcome."), ("What is a haiku?", "A poem of three lines, with 5, 7 and 5 syllables."))
# All that are read as one: `chat.providers.reading.tags`.
_TAGS = re.compile(r"<(?=[/|\s]*(?:tool[_-]?(?:call|result)s?|function_calls?)\b)", re.IGNORECASE)
_BREAK = Text("\n\n")

_RULES = """\
You can use tools. To use one, write nothing but this, in one line, and stop:

<tool_call>{"tool": "the tool's name", "arguments": {"an argument": "its value"}}</tool_call>

Write one such line for each call. The results come in the next message, as <tool_result>; never write one yourself. Use a \
tool only where it helps with the question. Otherwise answer in plain words, and do not mention tools.

These are the tools; an argument with ? may be left out:
"""


def in_words(request: Request) -> Request:
    """The request without tools: they stand in the system message, and calls and their results in the words of the turns."""
    turns = [spoken for turn in request.turns for spoken in _spoken(turn)]
    if request.tools:
        turns = _instructed(turns, described(request.tools))
    merged = [_merged(list(same)) for _, same in groupby(turns, attrgetter("role"))]
    return msgspec.structs.replace(request, turns=merged, tools=())


def described(tools: tuple[ToolSpec, ...]) -> str:
    """The rules, the tools and the examples: the same for the same tools, so that servers can keep what they have read."""
    examples = "".join(f"\n\nUser: {question}\nYou: {answer}" for question, answer in (*_examples(tools), *PLAIN))
    return f"{_RULES}{chr(10).join(map(signature, tools))}\n\nExamples:{examples}"


def written(name: str, arguments: str) -> str:
    """A call as the model writes it. `arguments` are JSON."""
    return f'<tool_call>{{"tool": {json.dumps(name, ensure_ascii=False)}, "arguments": {arguments}}}</tool_call>'


def marked(text: str) -> str:
    """The text with the tags of calls and results made others: a model that quotes it makes no call."""
    return _TAGS.sub("< ", text)


def _examples(tools: tuple[ToolSpec, ...]) -> Iterator[tuple[str, str]]:
    """Yield questions with the calls that answer them, short ones only."""
    every = ((tool.name, tool.example) for tool in tools if tool.example)
    asked = [(example[0], written(name, json.dumps(example[1], ensure_ascii=False))) for name, example in every]
    yield from [one for one in asked if len(one[1]) <= MOST_OF_AN_EXAMPLE][:MOST_EXAMPLES]


def _instructed(turns: list[Turn], rules: str) -> list[Turn]:
    if turns and turns[0].role == "system":
        return [Turn("system", (*turns[0].parts, _BREAK, Text(rules))), *turns[1:]]
    return [Turn.said("system", rules), *turns]


def _spoken(turn: Turn) -> Iterator[Turn]:
    """Yield the turn as turns of words: what the model wrote, and the results as the user's message after it."""
    if not parts.of_kind(ToolCall, turn.parts):
        yield Turn(turn.role, tuple(map(_asked, turn.parts))) if turn.role == "user" else turn
        return
    results = {result.call: result for result in parts.of_kind(ToolResult, turn.parts)}
    for said in parts.steps_of(turn.parts):
        words = "".join(map(_word, said)).strip()
        if words:
            yield Turn.said("assistant", words)
        if calls := parts.of_kind(ToolCall, said):
            told = [_result(call.name, parts.told(results.get(call.call))) for call in calls]
            yield Turn.said("user", "\n".join([*told, GO_ON]))


def _asked(part: AnyPart) -> AnyPart:
    """A part of a question, which may hold a document: only the model itself writes a call, only Galaxy a result."""
    return msgspec.structs.replace(part, text=marked(part.text)) if isinstance(part, Text) else part


def _word(part: AnyPart) -> str:
    if isinstance(part, ToolCall):
        return f"\n{written(part.name, part.arguments)}"
    return part.text if isinstance(part, Text) else ""


def _result(name: str, text: str) -> str:
    """A result. Tags in it are marked, as in questions: no text from outside looks like the end of it, or like a call."""
    return f"<tool_result tool={json.dumps(name, ensure_ascii=False)}>{marked(text)}</tool_result>"


def _merged(turns: list[Turn]) -> Turn:
    first, *others = turns
    more = [part for turn in others for part in (_BREAK, *turn.parts)]
    return Turn(first.role, (*first.parts, *more)) if more else first
