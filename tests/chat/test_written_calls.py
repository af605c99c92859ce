"""Calls that models write into their text: small models' usual mistakes, and texts that only look like calls."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.providers.reading.written_call import WrittenCall
from chat.providers.reading.written_calls import MOST_CALLS, WrittenCalls

ADD = '{"tool": "add", "arguments": {"a": 1, "b": 2}}'
BOOK = '{"tool": "book", "arguments": {"room": "A"}}'
TOOLS = {"add", "book"}


class Heard:
    """An answer taken apart: its text and the calls in it."""

    def __init__(self, *pieces: str) -> None:
        self._said, self.calls = list[str](), list[WrittenCall]()
        self.reading = WrittenCalls(self, TOOLS.__contains__)
        for piece in pieces:
            self.reading.take(piece)
        self.reading.end()

    def let(self, text: str) -> None:
        self._said.append(text)

    def call(self, made: WrittenCall) -> None:
        self.calls.append(made)

    @property
    def text(self) -> str:
        return "".join(self._said)

    @property
    def made(self) -> list[tuple[str, object]]:
        return [(call.name, json.loads(call.arguments)) for call in self.calls]


def tagged(*objects: str) -> str:
    return "\n".join(f"<tool_call>{one}</tool_call>" for one in objects)


ONE = [("add", {"a": 1, "b": 2})]
TWO = [*ONE, ("book", {"room": "A"})]

# Each text is one call of `add`, and none of it shows.
ONE_CALL = {
    "as it was told": tagged(ADD),
    "bare": ADD,
    "blanks before": f"\n\n  {ADD}\n",
    "capitals": f"<TOOL_CALL>{ADD}</Tool_Call>",
    "another tag": f"<function_call>{ADD}</function_call>",
    "lines": tagged(json.dumps(json.loads(ADD), indent=4)),
    "no closing tag": f"<tool_call>{ADD}",
    "half a closing tag": f"<tool_call>{ADD}</tool_",
    "no opening tag": f"{ADD}</tool_call>",
    "two closing tags": f"{tagged(ADD)}</tool_call>",
    "fence": f"```json\n{ADD}\n```",
    "fence without an end": f"```json\n{ADD}\n",
    "fence around the tag": f"```xml\n{tagged(ADD)}\n```\n",
    "fence within the tag": f"<tool_call>\n```json\n{ADD}\n```\n</tool_call>",
    "fence within, no closing tag": f"<tool_call>```{ADD}```",
    "single quotes": tagged(ADD.replace('"', "'")),
    "bare single quotes": ADD.replace('"', "'"),
    "curly quotes": tagged("{“tool”: “add”, “arguments”: {“a”: 1, “b”: 2}}"),
    "no quotes": tagged('{tool: "add", arguments: {a: 1, b: 2}}'),
    "trailing commas": tagged('{"tool": "add", "arguments": {"a": 1, "b": 2,},}'),
    "a bracket too few": tagged(ADD[:-1]),
    "a bracket too few, no closing tag": f"<tool_call>{ADD[:-1]}",
    "a bracket too many": tagged(f"{ADD}}}"),
    "name": tagged(ADD.replace("tool", "name")),
    "parameters": ADD.replace("arguments", "parameters"),
    "arguments first": '{"arguments": {"a": 1, "b": 2}, "tool": "add"}',
    "arguments beside": tagged('{"tool": "add", "a": 1, "b": 2}'),
    "name before": tagged('{"add": {"a": 1, "b": 2}}'),
    "arguments as a text": tagged('{"tool": "add", "arguments": "{\\"a\\": 1, \\"b\\": 2}"}'),
    "OpenAI's form": tagged('{"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 2}}}'),
    "in a list": tagged(f"[{ADD}]"),
    "again and again": "\n".join([tagged(ADD)] * 3),
}

# Each is text from end to end.
TEXT = {
    "an answer": "2 < 3, and `a` is not <b>.",
    "another object": '{"total": 3}',
    "an object of other tools": '{"tools": ["add"], "arguments": {}}',
    "a tool of a shop": '{"tool": "hammer", "arguments": {"size": 3}}',
    "more than a call": '{"tool": "add", "arguments": {"a": 1, "b": 2}, "note": "x"}',
    "no arguments": '{"tool": "add"}',
    "after words": f"A call looks like this: {ADD}",
    "a fence after words": f"A call looks like this:\n\n```json\n{ADD}\n```\n",
    "a fence before words": f"```json\n{ADD}\n```\n\nThis is how a call looks.",
    "a tag in a fence before words": f"So:\n```\n{tagged(ADD)}\n```\nThis is how a call looks.",
    "a program": f"```python\nprint('{tagged(ADD)}')\n```",
    "a fence with an unknown tool": '```\n<tool_call>{"tool": "hammer", "arguments": {}}</tool_call>\n```',
    "a fence within a longer one": f"````markdown\n```json\n{{}}\n```\n{tagged(ADD)}\n````\nSo it is.",
    "a fence of tildes": f"So:\n~~~\n{tagged(ADD)}\n~~~\nThis is how a call looks.",
    "a fence of tildes first": f"~~~xml\n```\n```\n{tagged(ADD)}",
    "a tag in a line of code": f"Models write `{tagged(ADD)}` for it.",
    "the name of the tag": "The <tool_call> tag begins a call.",
    "a result": "<tool_result> is what comes back.",
    "a link": "[add](https://example.org) {x}",
    "half an object": '{"tool"',
    "half a tag": "<tool_ca",
    "open code": "```",
}


@pytest.mark.parametrize("text", ONE_CALL.values(), ids=ONE_CALL)
def test_a_call_is_read_in_spite_of_usual_mistakes(text: str) -> None:
    heard = Heard(*text)
    assert (heard.made, heard.text) == (ONE, "")


@pytest.mark.parametrize("text", TEXT.values(), ids=TEXT)
def test_text_that_only_looks_like_a_call_is_let_go_whole(text: str) -> None:
    heard = Heard(*text)
    assert (heard.text, heard.calls) == (text, [])


@pytest.mark.parametrize(
    "text",
    [
        tagged(ADD, BOOK),
        f"{ADD}\n{BOOK}",
        f"[{ADD}, {BOOK}]",
        f"<tool_call>{ADD}\n{BOOK}</tool_call>",
        f"<tool_call>[{ADD}, {BOOK}]</tool_call>",
        f"<tool_call>{ADD}\n<tool_call>{BOOK}",
        f"```\n{tagged(ADD, BOOK)}\n```",
        f"```json\n{ADD}\n```\n```json\n{BOOK}\n```",
    ],
)
def test_several_calls_are_read_in_their_order(text: str) -> None:
    heard = Heard(*text)
    assert (heard.made, heard.text) == (TWO, "")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Let me see.\n{tagged(ADD)}", "Let me see.\n"),
        (f"Let me see.\n\n```xml\n{tagged(ADD)}\n```", "Let me see.\n\n"),
        (f"{tagged(ADD)}\nOne moment.", "\nOne moment."),
        (f"<tool_call>{ADD}\n\nOne moment.", "One moment."),
        (f"{ADD}\nIt is 3.", "It is 3."),
        (f"Let me see~~~\n{tagged(ADD)}", "Let me see~~~\n"),
        (f"Between ~1 and ~~2~~:\n{tagged(ADD)}", "Between ~1 and ~~2~~:\n"),
    ],
)
def test_words_beside_a_call_stay(text: str, left: str) -> None:
    heard = Heard(*text)
    assert (heard.made, heard.text) == (ONE, left)


@pytest.mark.parametrize(
    ("inside", "name"),
    [
        ('{"tool": "nothing", "arguments": {}}', "nothing"),
        ("add(1, 2)", "add"),
        ('{"tool": "add", "arguments": {"a": 1 "b": 2}}', "add"),
        ("<function=add>\n<parameter=a>\n1\n</parameter>\n</function>", "add"),
        ("", "unnamed"),
    ],
)
def test_behind_a_tag_everything_is_a_call_so_that_the_model_is_told(inside: str, name: str) -> None:
    heard = Heard(*tagged(inside))
    assert ([call.name for call in heard.calls], heard.text) == ([name], "")


def test_arguments_may_hold_what_looks_like_the_end() -> None:
    room = "a </tool_call> } ``` it's \\\" <tool_call>"
    heard = Heard(*tagged(f'{{"tool": "book", "arguments": {{"room": "{room}"}}}}'))
    assert heard.made == [("book", {"room": room.replace("\\", "")})]
    assert heard.text == ""


def test_ordinary_words_and_objects_do_not_wait_for_the_end() -> None:
    for text in ("Hello", "2 < 3", '{"total": 3, ', '{"tool": "hammer", ', "```python\nx = 1", "[1, 2"):
        heard = Heard()
        heard.reading.take(text)
        assert heard.text.startswith(text[:-1])


@pytest.mark.parametrize(
    "then", ["\n<tool_result>3</tool_result>\nIt is 3.", f"\n{tagged(ADD)}" * 4, "\n</tool_result>", "<tool_result tool="]
)
def test_a_model_that_goes_on_by_itself_after_its_call_is_not_read_on(then: str) -> None:
    heard = Heard(tagged(ADD), then, "More words.")
    assert heard.reading.is_over
    assert (heard.made, heard.text) == (ONE, "")


def test_a_model_that_calls_without_end_is_not_read_on() -> None:
    heard = Heard(*(tagged(ADD.replace("1", str(number))) for number in range(2 * MOST_CALLS)))
    assert heard.reading.is_over
    assert len(heard.calls) == MOST_CALLS


def test_what_was_mended_is_told() -> None:
    (call,) = Heard(tagged("{'tool': 'add', 'arguments': {'a': 1, 'b': True,},}")).calls
    assert call.mended == (
        "other quotes were read as double ones",
        "Python’s True, False and None were read as JSON’s",
        "an extra comma was left out",
    )


PIECES = st.sampled_from(
    [
        *(ADD, BOOK, tagged(ADD), '{"tool": "hammer", "arguments": {}}', '{"tool": "add", ', '"arguments": {'),
        *(
            "<tool_call>",
            "</tool_call>",
            "<tool_result>",
            "<",
            "```json\n",
            "```",
            "````",
            "~~~",
            "~",
            "`",
            "\n",
            " ",
            "{",
            "}",
            "[",
            ",",
        ),
        *('"', "'", "\\", "words", "it's"),
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.data())
@example(f"<tool_call>{ADD}\n\nSo.", None)
def test_the_reading_does_not_depend_on_where_the_pieces_end(text: str, data: st.DataObject | None) -> None:
    whole, single = Heard(text), Heard(*text)
    assert (single.text, single.calls) == (whole.text, whole.calls)
    if data:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
        pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert (Heard(*pieces).text, Heard(*pieces).calls) == (whole.text, whole.calls)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="<{[`", codec="utf-8"), min_size=1))
def test_a_text_without_signs_is_not_changed(text: str) -> None:
    assert Heard(text).text == ("" if text.isspace() else text)
    assert Heard(text).calls == []


@pytest.mark.parametrize(
    "flood",
    [
        " " * 20,
        "{",
        "}",
        "<tool_call>",
        "<tool_call>{",
        '{"tool": "add", "arguments": {"a": "',
        "'",
        "`",
        '\\"',
        tagged(ADD)[:-3],
    ],
)
@pytest.mark.timeout(60)
def test_a_flood_takes_no_more_time_than_its_length(flood: str) -> None:
    heard = Heard('<tool_call>{"tool": "add", "arguments": {"a": "' if flood in {"'", '\\"'} else "", *[flood] * 30_000)
    assert len(heard.text) + sum(len(call.arguments) for call in heard.calls) <= 30_000 * len(flood) + 60


@pytest.mark.parametrize("flood", ["<", "<t", "<tool_call", "`", "``` ", "~", "~~~\n", "{", "a`<t"])
@pytest.mark.timeout(60)
def test_a_flood_in_one_piece_takes_no_more_time_either(flood: str) -> None:
    text = flood * (200_000 // len(flood))
    heard = Heard(text)
    assert (len(heard.text), heard.calls) == (len(text), [])
