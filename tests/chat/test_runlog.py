"""Events of a run before they are stored: numbers without holes, deltas joined, limits kept."""

import asyncio
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import events
from chat.log import log_buffer
from chat.log.log_buffer import AnswerTooLong, RunLog, joined


def a_log() -> RunLog:
    return RunLog(uuid.uuid4(), key=b"", fence=1, next_seq=2, on_change=lambda _, __: None)


async def test_deltas_that_pile_up_become_one_event() -> None:
    run_log = a_log()
    run_log.say("text", "Hel")
    run_log.say("text", "lo")
    run_log.say("reasoning", "hm")
    run_log.seal()
    frames = [events.decode(line) for line in run_log.to_stream[0].packed.split(b"\n")]
    chunks = [(frame.seq, frame.chunk.data) for frame in frames if isinstance(frame, events.ChunkFrame)]
    assert chunks == [(2, "Hello"), (3, "hm")]


@given(st.lists(st.sampled_from(["text", "reasoning", "event", "seal"]), max_size=60))
async def test_numbers_have_no_holes_however_events_and_writers_interleave(script: list[str]) -> None:
    run_log = a_log()
    for word in script:
        if word == "seal":
            run_log.seal()
        elif word == "event":
            run_log.tell(events.process("thinking", "Thinking"))
        else:
            run_log.say("text" if word == "text" else "reasoning", "x")
    final = run_log.seal_last(lambda seq: [events.Complete(seq, "m", "stop", events.Usage(), [])])
    lines = b"\n".join(entry.packed for entry in [*run_log.to_rows, final]).split(b"\n")
    assert [events.decode(line).seq for line in lines] == list(range(2, 2 + len(lines)))


async def test_an_answer_beyond_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_buffer, "LONGEST_ANSWER", 10)
    run_log = a_log()
    run_log.say("text", "0123456789")
    with pytest.raises(AnswerTooLong):
        run_log.say("text", "x")


async def test_a_nul_character_is_dropped_for_it_cannot_be_stored() -> None:
    run_log = a_log()
    run_log.say("text", "a\0b")
    assert run_log.said("text") == "ab"


async def test_a_log_that_is_behind_makes_its_run_wait_until_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_buffer, "MOST_BEHIND", 100)
    run_log = a_log()
    run_log.say("text", "x" * 200)
    run_log.seal()
    with pytest.raises(TimeoutError):
        await _soon(run_log)
    run_log.streamed(list(run_log.to_stream))
    await _soon(run_log)


async def test_a_run_that_was_taken_over_is_told() -> None:
    run_log, told = a_log(), list[str]()
    run_log.on_lost = lambda: told.append("lost")
    run_log.lose()
    assert run_log.lost
    assert told == ["lost"]


async def test_it_knows_what_was_said_and_how_much_no_row_has_yet() -> None:
    run_log = a_log()
    for piece in ("Grü", "ße ", "日本"):
        run_log.say("text", piece)
        run_log.seal()
    assert run_log.said("text") == "Grüße 日本"
    assert not run_log.has_said("reasoning")
    assert run_log.unstored == sum(len(entry.packed) for entry in run_log.to_rows) > 0
    run_log.stored(list(run_log.to_rows))
    assert run_log.unstored == 0


async def _soon(run_log: RunLog) -> None:
    async with asyncio.timeout(0.05):
        await run_log.room()


async def test_a_flood_gives_the_stream_a_portion_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_buffer, "PORTION", 300)
    run_log = a_log()
    for _ in range(5):
        run_log.say("text", "x" * 100)
        run_log.seal()
    sent = 0
    while run_log.to_stream:
        portion = run_log.portion()
        assert len(portion) == 1 or sum(len(entry.packed) for entry in portion) <= 300
        assert portion[0].first == 2 + sent
        sent += len(portion)
        run_log.streamed(portion)
    assert sent == 5


async def test_an_entry_beyond_a_portion_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_buffer, "PORTION", 300)
    run_log = a_log()
    run_log.say("text", "x" * 1000)
    run_log.seal()
    assert run_log.portion() == run_log.to_stream


async def test_a_model_that_says_more_than_any_can_is_read_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_buffer, "FASTEST", 10_000)
    run_log = a_log()
    run_log.say("text", "x" * 2_000)
    began = time.monotonic()
    await run_log.room()
    assert time.monotonic() - began > 0.1
    run_log.say("text", "x")
    async with asyncio.timeout(0.1):
        await run_log.room()  # at a usual pace no one waits


async def test_joined_entries_hold_the_same_events() -> None:
    run_log = a_log()
    for letter in "abc":
        run_log.say("text", letter)
        run_log.seal()
    entry = joined(run_log.to_rows)
    assert (entry.first, entry.last) == (2, 4)
    assert len(entry.packed.split(b"\n")) == 3


async def test_nothing_takes_the_number_of_the_final_frame() -> None:
    run_log = a_log()
    final = run_log.seal_last(lambda seq: [events.Complete(seq, "m", "stop", events.Usage(), [])])
    run_log.tell(events.process("thinking", "Still writing"))
    run_log.seal()
    assert final.first == 2
    assert run_log.to_rows == run_log.to_stream == []
