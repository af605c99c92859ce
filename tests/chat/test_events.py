"""The frames of the log: their shape is the public contract."""

import json

import msgspec
import pytest

from chat import events
from chat.events import Envelope
from chat.log import lines


def test_a_frame_is_one_line_and_comes_back_as_it_was() -> None:
    frame = events.ChunkFrame(7, events.Chunk("text", "two\nlines"))
    line = events.encode(frame)
    assert b"\n" not in line
    assert events.decode(line) == frame


def test_an_envelope_puts_the_clients_members_in_front() -> None:
    line = events.encode(events.ChunkFrame(3, events.Chunk("text", "hi")))
    assert json.loads(Envelope(request_id="r-1", run_id="run").wrap(line)) == {
        "request_id": "r-1",
        "run_id": "run",
        "status": "chunk",
        "seq": 3,
        "chunk": {"type": "text", "data": "hi"},
    }


def test_a_process_event_has_the_shape_of_the_event_stream_document() -> None:
    data = events.ProcessData(step=1, total_steps=4, description="Reading", progress=0.5)
    plain = json.loads(events.encode(events.EventFrame(2, events.ProcessEvent(type="tool_execution", timestamp=1, data=data))))
    assert plain["event"] == {
        "type": "tool_execution",
        "data": {"step": 1, "description": "Reading", "totalSteps": 4, "progress": 0.5},
        "timestamp": 1,
    }


def test_unknown_members_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        events.decode(b'{"status":"chunk","seq":1,"chunk":{"type":"text","data":"x"},"more":1}')


@pytest.mark.parametrize(
    "frame",
    [
        events.Complete(2, "m", "stop", events.Usage(), ["model"]),
        events.ErrorFrame(2, events.Failure("interrupted", "Gone.", retryable=True)),
    ],
)
def test_the_last_frame_is_known_without_parsing_it(frame: events.Frame) -> None:
    assert lines.is_final(events.encode(frame))


def test_other_frames_are_not_final_whatever_they_say() -> None:
    assert not lines.is_final(events.encode(events.ChunkFrame(1, events.Chunk("text", '{"status":"complete"'))))


def test_lines_of_an_entry_skip_what_was_seen() -> None:
    assert [line.seq for line in lines.lines_of(5, b"a\nb\nc", after=5)] == [6, 7]
    assert [line.frame for line in lines.lines_of(5, b"a\nb\nc", after=6)] == [b"c"]
    assert lines.lines_of(5, b"a\nb\nc", after=9) == []
