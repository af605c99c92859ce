"""How frames reach one client: never more than it takes, never held up by another run."""

import asyncio
import uuid

import pytest

from chat import events, following
from chat.events import Envelope
from chat.following import Outlet, TooSlow
from chat.log import Line

RUN = uuid.uuid4()
ENVELOPE = Envelope(request_id=None, run_id=str(RUN))


def lines(count: int, size: int, *, first: int = 1) -> list[Line]:
    frames = (events.ChunkFrame(seq, events.Chunk("text", "x" * size)) for seq in range(first, first + count))
    return [Line(frame.seq, events.encode(frame)) for frame in frames]


class Taker:
    """A client that takes everything at once."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def __call__(self, text: str) -> None:
        self.taken.append(text)


async def test_a_client_that_acknowledges_gets_no_more_than_its_credit() -> None:
    taker = Taker()
    outlet = Outlet(taker)
    outlet.acknowledge(RUN, 0)
    sending = asyncio.create_task(outlet.send_lines(RUN, ENVELOPE, lines(100, 10_000)))
    await asyncio.sleep(0.05)
    first = len(taker.taken)
    assert following.CREDIT_BYTES <= sum(map(len, taker.taken)) < following.CREDIT_BYTES + 3 * 10_200
    outlet.acknowledge(RUN, 10)
    await asyncio.sleep(0.05)
    assert len(taker.taken) == first + 10
    outlet.acknowledge(RUN, first + 10)
    outlet.forget(RUN)
    await asyncio.sleep(0.05)
    sending.cancel()


async def test_a_client_that_never_acknowledges_gets_everything() -> None:
    taker = Taker()
    await Outlet(taker).send_lines(RUN, ENVELOPE, lines(100, 10_000))
    assert len(taker.taken) == 100


async def test_a_client_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PATIENCE_SECONDS", 0.05)

    async def never(_: str) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TooSlow):
        await Outlet(never).send_lines(RUN, ENVELOPE, lines(1, 1))


async def test_a_run_that_is_followed_no_more_frees_its_credit() -> None:
    taker = Taker()
    outlet = Outlet(taker)
    outlet.acknowledge(RUN, 0)
    blocked = asyncio.create_task(outlet.send_lines(RUN, ENVELOPE, lines(60, 10_000)))
    await asyncio.sleep(0.05)
    blocked.cancel()
    outlet.forget(RUN)
    before = len(taker.taken)
    await asyncio.wait_for(outlet.send_lines(uuid.uuid4(), ENVELOPE, lines(3, 10)), 1)
    assert len(taker.taken) == before + 3
