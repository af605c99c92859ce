"""Calls as servers and models really send them: told apart whatever their ids, mended where that is certain, else refused."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.parts import Origin, ToolCall
from chat.providers.base import ToolCallDelta as Delta
from chat.providers.base import ToolSpec
from chat.providers.reading.loose_json import NotReadable, read
from chat.runs.loop.calls import NOT_JSON, Calls
from chat.runs.loop.repair import NotUsable, repaired

HERE = Origin("openai", "m")
P, Q = '{"p":1}', '{"q":2}'


def called(*deltas: Delta) -> list[tuple[str, str, str]]:
    """The calls that these pieces are: the id that goes back, the name and the arguments."""
    calls = Calls({"now", "add", "get_time"})
    for delta in deltas:
        calls.take(delta)
    made = calls.parts(1, HERE)
    assert len({call.call for call in made}) == len(made)
    return [((call.data or {}).get("id", ""), call.name, call.arguments) for call in made]


@pytest.mark.parametrize(
    ("deltas", "calls"),
    [
        ([Delta(0, "x", "add", P), Delta(0, "x", "add", Q)], [("x", "add", P), ("", "add", Q)]),
        ([Delta(0, "x", "add", P), Delta(0, "x", "add", P)], [("x", "add", P)]),
        ([Delta(0, "x", "add", P), Delta(1, "x", "add", P)], [("x", "add", P), ("", "add", P)]),
        ([Delta(0, "x", "add", P), Delta(1, "x", "now", "{}")], [("x", "add", P), ("", "now", "{}")]),
        ([Delta(0, "x", "add", ""), Delta(1, "x", "add", ""), Delta(1, None, None, Q)], [("x", "add", "{}"), ("", "add", Q)]),
        ([Delta(0, "x", "add", '{"p"'), Delta(0, "x", "add", ":1}"), Delta(0, "x", "add", "")], [("x", "add", P)]),
        ([Delta(0, "x", "add", '{"p"'), Delta(0, "y", None, ":1}")], [("y", "add", P)]),
        ([Delta(0, "", "add", P), Delta(0, "", "add", Q)], [("", "add", P), ("", "add", Q)]),
        ([Delta(0, None, "add", P), Delta(0, None, "add", P)], [("", "add", P), ("", "add", P)]),
        ([Delta(0, None, "now", ""), Delta(0, None, "add", P)], [("", "now", "{}"), ("", "add", P)]),
        ([Delta(0, None, "get_", ""), Delta(0, None, "time", "{}")], [("", "get_time", "{}")]),
        ([Delta(0, "x", "add", P), Delta(1, "y", "add", Q)], [("x", "add", P), ("y", "add", Q)]),
        ([Delta(0, "x", "add"), Delta(1, "y", "now"), Delta(0, None, None, P), Delta(1, None, None, Q)],
         [("x", "add", P), ("y", "now", Q)]),
    ],
    ids=["one id, one index", "once more at the end", "twice at two indices", "one id, two indices", "one id, then pieces",
         "id and name in each piece", "a new id in each piece", "empty ids", "no ids", "no arguments", "a name in two pieces",
         "as it should be", "interleaved"],
)  # fmt: skip
def test_calls_are_told_apart_whatever_their_ids_and_indices(deltas: list[Delta], calls: list[tuple[str, str, str]]) -> None:
    assert called(*deltas) == calls


SPEC = ToolSpec(
    "book_room",
    "Book.",
    {
        "type": "object",
        "properties": {
            "room": {"type": "string"},
            "max_seats": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "quiet": {"type": ["boolean", "null"]},
            "rest": {"anyOf": [{"type": "object"}, {"type": "string"}]},
        },
    },
)


def mended(arguments: str, name: str = "book_room") -> tuple[dict[str, Any], list[str]]:
    """The arguments with which it is made, and the notes."""
    calls = Calls()
    calls.take(Delta(0, "x", name, arguments))
    made = repaired(calls.parts(1, HERE)[0], [SPEC])
    assert made.name == "book_room"
    return made.arguments, made.notes


@pytest.mark.parametrize(
    ("arguments", "made", "note"),
    [
        ('{"room": "A"}', {"room": "A"}, ""),
        ("", {}, ""),
        ('"{\\"room\\": \\"A\\"}"', {"room": "A"}, "did not arrive as JSON"),
        ("```json\n{'room': 'A'}\n```", {"room": "A"}, "other quotes"),
        ("{'room': 'Bob's'}", {"room": "Bob's"}, "other quotes"),
        ('{"room": "A",}', {"room": "A"}, "an extra comma"),
        ('{"room": "A", "quiet": True}', {"room": "A", "quiet": True}, "Python’s True"),
        ('{room: "A"}', {"room": "A"}, "quotes were added"),
        ('{"room": "A\nB"}', {"room": "A\nB"}, "line ends"),
        ('{"room": "A"}}', {"room": "A"}, "an extra bracket"),
        ('{"rest": {"a": 1}', {"rest": {"a": 1}}, "a missing bracket"),
        ('{"max_seats": "3"}', {"max_seats": 3}, "max_seats came as text"),
        ('{"quiet": "false"}', {"quiet": False}, "quiet came as text"),
        ('{"quiet": "None"}', {"quiet": None}, "quiet came as text"),
        ('{"tags": "[\\"a\\", \\"b\\"]"}', {"tags": ["a", "b"]}, "tags came as text"),
        ("{\"tags\": \"['a', 'b']\"}", {"tags": ["a", "b"]}, "tags came as text"),
        ('{"room": 7}', {"room": "7"}, "room came as a number"),
        ('{"Room": "A"}', {"room": "A"}, "Room was read as room"),
        ('{"maxSeats": 3}', {"max_seats": 3}, "maxSeats was read as max_seats"),
        ('{"rest": "{\\"a\\": 1}"}', {"rest": '{"a": 1}'}, ""),  # a text is welcome there
        ('{"room": "[1]"}', {"room": "[1]"}, ""),
        ('{"room": true}', {"room": True}, ""),  # what is meant is not certain
        ('{"ROOM": "A", "Room": "B"}', {"ROOM": "A", "Room": "B"}, ""),
    ],
)
def test_what_is_certain_is_mended_and_told_and_nothing_else_is_touched(
    arguments: str, made: dict[str, Any], note: str
) -> None:
    found, notes = mended(arguments)
    assert found == made
    assert (note in " ".join(notes)) if note else not notes


@pytest.mark.parametrize("odd", [True, {"type": 5}, {"type": [{}]}, {"anyOf": 3}, {"oneOf": [None]}, "string"])
@pytest.mark.parametrize("properties", [lambda odd: {"a": odd}, lambda odd: odd])
def test_a_schema_that_is_none_leaves_the_arguments_as_they_came(properties: Callable[[Any], Any], odd: Any) -> None:
    spec = ToolSpec("theirs", "", {"properties": properties(odd)})
    assert repaired(ToolCall("call12345", "theirs", '{"a": "1"}'), [spec]).arguments == {"a": "1"}


@pytest.mark.parametrize("name", ["Book_Room", "bookRoom", "book-room", "functions.book_room", "BOOKROOM"])
def test_a_name_that_is_written_nearly_so_is_understood(name: str) -> None:
    assert mended("{}", name) == ({}, [f"the name {name} was read as book_room"])


@pytest.mark.parametrize(
    "arguments", ['{"max_seats": 1', '{"room": "A" "tags": []}', '{"room": "A', '{"a":1}{"b":2}', "room A", "[1]", "[" * 5_000]
)
def test_what_may_be_cut_or_mean_two_things_is_refused_with_what_to_do(arguments: str) -> None:
    with pytest.raises(NotUsable, match=r"Nothing has run\. Send one JSON object\."):
        mended(arguments)


def test_a_history_of_what_could_not_be_read_can_be_sent() -> None:
    calls = Calls()
    calls.take(Delta(0, "x", "book_room", '{"room'))
    (call,) = calls.parts(1, HERE)
    assert json.loads(call.arguments) == {NOT_JSON: '{"room'}


def test_what_a_reader_has_mended_stays_with_the_call() -> None:
    calls = Calls()
    calls.take(Delta(0, None, "book_room", "{}", mended=("other quotes were read as double ones",)))
    (call,) = calls.parts(1, HERE)
    assert call.repaired == ("other quotes were read as double ones",)
    assert isinstance(call, ToolCall)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=5), VALUES, max_size=3)
PYTHONIC = st.integers() | st.booleans() | st.none() | st.text('ab, :{}"', max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=10), JSON, max_size=4), st.text(max_size=30))
def test_json_is_read_as_it_is_and_nothing_else_breaks_the_reading(value: dict[str, Any], junk: str) -> None:
    written = json.dumps(value)
    assert read(written) == (value, ())
    assert read(f"{written[:-1]}{',' if value else ''}}}").value == value
    for text in (written + junk, written[: len(junk)], junk):
        with contextlib.suppress(NotReadable):
            read(text)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("ab_\n", min_size=1, max_size=5), PYTHONIC, max_size=4))
def test_a_python_dictionary_is_read_as_it_is_meant(value: dict[str, Any]) -> None:
    assert read(repr(value)).value == value
