"""The pieces of an answer are the same from the frames of its run and from its stored parts, and nothing in them is live."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat import events, parts
from chat.delivery.drawing import html, of_frames
from chat.delivery.drawing.components import charts, forms
from chat.delivery.drawing.components.blocks import Chart, Series
from chat.delivery.drawing.components.draw import draw
from chat.delivery.drawing.of_parts import pieces_of
from chat.delivery.drawing.pieces import Pieces
from chat.log.said import Said
from chat.parts import AnyPart, ToolCall, ToolResult, UIBlock

OUTCOMES: list[parts.Outcome] = ["succeeded", "failed", "denied", "expired", "cancelled", "unknown"]
WORDS = st.tuples(st.sampled_from(["text", "reasoning"]), st.sampled_from(["a", "**b**", "\n\n", "| c |"]))
REST = st.sampled_from(["ui", "artifact"])
STEP = st.tuples(
    st.lists(st.one_of(WORDS, st.just("rethink")), max_size=6), st.lists(st.sampled_from(OUTCOMES), max_size=3), REST
)
SCRIPT = st.lists(STEP, min_size=1, max_size=4)


class Making:
    """An answer in the making: what a loop tells, and what it stores."""

    def __init__(self) -> None:
        self.live, self.parts, self._seq, self._calls = Pieces(), list[AnyPart](), 1, 0

    def step(self, number: int, words: list[Any], outcomes: list[parts.Outcome], last: str) -> None:
        self._tell("process_start")
        said = Said()
        for one in words:
            if one == "rethink":
                said.rethink()
                self._frame(events.EventFrame(self._seq, events.rethought(1)))
            else:
                said.add(*one)
                self._frame(events.ChunkFrame(self._seq, events.Chunk(*one)))
        self.parts += said.parts(number)
        calls = [f"call{self._calls + place}" for place in range(len(outcomes))]
        self._calls += len(calls)
        if calls:
            self._call(number, calls, outcomes, last)

    def _call(self, number: int, calls: list[str], outcomes: list[parts.Outcome], last: str) -> None:
        arguments = '{"x": 1}'
        self._tell(
            "tool_selection", calls=[{"call_id": one, "tool": "t", "title": "T", "arguments": arguments} for one in calls]
        )
        self.parts += [ToolCall(one, "t", arguments, title="T", step=number) for one in calls]
        for one, outcome in zip(calls, outcomes, strict=True):
            self._tell("tool_execution", call_id=one, state="running")
            self._tell("tool_execution", call_id=one, state=outcome, text="So.", seconds=1.5)
        self.parts += [
            ToolResult(one, outcome, "So.", seconds=1.5, step=number) for one, outcome in zip(calls, outcomes, strict=True)
        ]
        if last == "ui":
            block = {"type": "text", "markdown": f"*{number}*"}
            self._frame(events.ChunkFrame(self._seq, events.Chunk("ui", {"component_id": "c", "block": block})))
            self.parts.append(UIBlock("c", block))
        else:
            self._tell("artifact_creation", artifact_id="a", version=number, name="a.csv")
            self.parts.append(parts.Artifact("a", number, "a.csv"))

    def _tell(self, kind: events.ProcessKind, **told: Any) -> None:
        self._frame(events.EventFrame(self._seq, events.process(kind, "", metadata=told or None)))

    def _frame(self, frame: events.AnyFrame) -> None:
        of_frames.take(self.live, frame)
        self._seq += 1


def bare(drawn: str) -> str:
    """The HTML without what says where in the log it began."""
    return re.sub(r' data-piece="\d+"', "", drawn)


@settings(max_examples=300, deadline=None)
@given(SCRIPT)
@example(
    [([("text", "a"), "rethink", ("reasoning", "b"), ("text", "c")], ["failed"], "ui"), ([("text", "d"), "rethink"], [], "ui")]
)
def test_frames_and_stored_parts_give_the_same_pieces(script: list[Any]) -> None:
    making = Making()
    for number, (words, outcomes, last) in enumerate(script, 1):
        is_last = number == len(script)  # a step that is not the last one ends with calls
        making.step(number, words, outcomes if outcomes or is_last else ["succeeded"], last)
    stored = pieces_of(parts.decode(parts.encode(making.parts)))
    live, again = html.draw_all([making.live.all, stored])
    assert bare(live) == again


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
BLOCKS: list[dict[str, Any]] = [
    {"type": "buttons", "buttons": [{"id": HOSTILE, "label": HOSTILE, "value": HOSTILE}]},
    {"type": "form", "schema": {"properties": {HOSTILE: {"title": HOSTILE, "description": HOSTILE, "default": HOSTILE}}}},
    {"type": "form", "schema": {"properties": {"a": {"enum": [HOSTILE]}}}, "submit": HOSTILE},
    {"type": "table", "columns": [{"name": HOSTILE}], "rows": [[HOSTILE]]},
    {"type": "chart", "kind": "bar", "x": [HOSTILE], "series": [{"name": HOSTILE, "values": [1]}], "title": HOSTILE},
    {"type": "image", "artifact": HOSTILE, "alt": HOSTILE},
    {"type": "file", "artifact": HOSTILE, "name": HOSTILE, "media_type": HOSTILE},
    {"type": "html", "html": HOSTILE},
    {"type": "text", "markdown": HOSTILE},
    {"type": HOSTILE, HOSTILE: HOSTILE},
    {},
]


class Seen(HTMLParser):
    """The elements of some HTML, their attributes, and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.attributes, self.addresses = set[str](), set[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in {"src", "href", "srcdoc", "action"}}


@pytest.mark.parametrize("block", BLOCKS)
def test_what_a_component_says_is_text_and_never_markup(block: dict[str, Any]) -> None:
    seen = Seen()
    seen.feed(draw(HOSTILE, block, 3))
    assert "script" not in seen.tags
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert not [value for value in seen.addresses if not value.startswith(("/artifacts/%22", "#"))]


@pytest.mark.parametrize("kind", ["line", "bar", "area", "scatter", "pie"])
@pytest.mark.parametrize("values", [[], [0.0], [None], [1e300, -1e300], [3, None, -2.5, 1e-9], [float("nan"), float("inf")]])
def test_every_chart_of_every_values_is_drawn(kind: Any, values: list[float | None]) -> None:
    chart = Chart(kind, list(range(len(values))), [Series("a", values), Series("b", values[::-1])])
    plot = charts.plot(chart)
    for mark in plot.marks:
        assert not re.search("nan|inf", mark.path)
        assert mark.look.split()[1] in {"s1", "s2", "s3", "s4", "s5"}
    assert plot.words


def test_a_form_s_fields_follow_their_schema() -> None:
    schema = {
        "type": "object",
        "required": ["when"],
        "properties": {
            "when": {"type": "string", "format": "date"},
            "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
            "long": {"type": "string", "maxLength": 4000},
            "on": {"type": "boolean", "default": True},
            "size": {"enum": ["S", 2], "default": 2},
            "odd": "no schema",
        },
    }
    fields = {field.name: field for field in forms.form_fields(schema)}
    assert [(name, field.type) for name, field in fields.items()] == [
        ("when", "date"), ("count", "number"), ("long", "textarea"), ("on", "checkbox"), ("size", "select"),
    ]  # fmt: skip
    assert (fields["when"].is_required, fields["count"].is_required) == (True, False)
    assert fields["count"].limits == [("min", "1"), ("max", "9"), ("step", "1")]
    assert [choice.is_chosen for choice in fields["size"].choices] == [False, True]
    assert forms.form_fields({"properties": "none"}) == forms.form_fields({}) == []
