"""Frames on their way to one client: never more than it takes, never held up by another run."""

import asyncio
import uuid

import pytest

from chat import events
from chat.delivery import client_stream
from chat.delivery.client_stream import Outlet
from chat.events import Envelope
from chat.log.lines import Line

RUN = uuid.uuid4()
ENVELOPE = Envelope(request_id=None, run_id=str(RUN))


def lines(count: int, size: int, *, first: int = 1) -> list[Line]:
    frames = (events.ChunkFrame(seq, events.Chunk("text", "x" * size)) for seq in range(first, first + count))
    return [Line(frame.seq, events.encode(frame)) for frame in frames]


def nobody_cares() -> None:
    """A client that is never stuck."""


class Taker:
    """A client that takes everything at once."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def __call__(self, text: str) -> None:
        self.taken.append(text)


async def test_a_client_that_acknowledges_gets_no_more_than_its_credit() -> None:
    taker = Taker()
    outlet = Outlet(taker, on_stuck=nobody_cares)
    outlet.acknowledge(RUN, 0)
    sending = asyncio.create_task(outlet.send_lines(RUN, ENVELOPE, lines(100, 10_000)))
    await asyncio.sleep(0.05)
    first = len(taker.taken)
    assert client_stream.CREDIT_BYTES <= sum(map(len, taker.taken)) < client_stream.CREDIT_BYTES + 3 * 10_200
    outlet.acknowledge(RUN, 10)
    await asyncio.sleep(0.05)
    assert len(taker.taken) == first + 10
    outlet.acknowledge(RUN, first + 10)
    outlet.forget(RUN)
    await asyncio.sleep(0.05)
    sending.cancel()


async def test_a_client_that_never_acknowledges_gets_everything() -> None:
    taker = Taker()
    await Outlet(taker, on_stuck=nobody_cares).send_lines(RUN, ENVELOPE, lines(100, 10_000))
    assert len(taker.taken) == 100


async def test_small_frames_count_as_much_and_cost_little() -> None:
    taker = Taker()
    outlet = Outlet(taker, on_stuck=nobody_cares)
    outlet.acknowledge(RUN, 0)
    sending = asyncio.create_task(outlet.send_lines(RUN, ENVELOPE, lines(2_500, 20)))
    await asyncio.sleep(0.05)
    first = len(taker.taken)
    assert client_stream.CREDIT_BYTES <= sum(map(len, taker.taken)) < client_stream.CREDIT_BYTES + 300
    outlet.acknowledge(RUN, first)
    await asyncio.sleep(0.05)
    outlet.acknowledge(RUN, len(taker.taken))
    await sending
    assert len(taker.taken) == 2_500
    sizes = [len(marks) for marks in outlet._sent.values()]
    assert max(sizes) <= client_stream.CREDIT_BYTES // client_stream.MARK_BYTES + 1


async def test_a_client_that_takes_nothing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_stream, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(client_stream, "LOOK_EVERY", 0.02)
    stuck = asyncio.Event()

    async def never(_: str) -> None:
        await asyncio.Event().wait()

    sending = asyncio.create_task(Outlet(never, on_stuck=stuck.set).send_lines(RUN, ENVELOPE, lines(1, 1)))
    await asyncio.wait_for(stuck.wait(), 1)
    sending.cancel()


async def test_a_client_with_nothing_to_take_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_stream, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(client_stream, "LOOK_EVERY", 0.02)
    stuck = asyncio.Event()
    outlet = Outlet(Taker(), on_stuck=stuck.set)
    await outlet.send_lines(RUN, ENVELOPE, lines(3, 10))
    await asyncio.sleep(0.2)
    assert not stuck.is_set()
    outlet.close()


async def test_a_run_that_is_followed_no_more_frees_its_credit() -> None:
    taker = Taker()
    outlet = Outlet(taker, on_stuck=nobody_cares)
    outlet.acknowledge(RUN, 0)
    blocked = asyncio.create_task(outlet.send_lines(RUN, ENVELOPE, lines(60, 10_000)))
    await asyncio.sleep(0.05)
    blocked.cancel()
    outlet.forget(RUN)
    before = len(taker.taken)
    await asyncio.wait_for(outlet.send_lines(uuid.uuid4(), ENVELOPE, lines(3, 10)), 1)
    assert len(taker.taken) == before + 3
