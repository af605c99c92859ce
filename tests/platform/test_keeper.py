"""Parts that count as hung: by their heartbeat, or by their answers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from galaxy.services.supervision.keeper import Keeper
from galaxy.services.supervision.log import BoundedLog
from galaxy.services.supervision.part import NotReadyError, Part
from tests.stack import ROOT

LOOK_EVERY = 0.3
BEATING = """
import asyncio
from galaxy.services.supervision import readiness
readiness.BEAT_SECONDS = 0.04
async def live():
    readiness.report_and_beat(asyncio.get_running_loop())
    await asyncio.sleep(60)
asyncio.run(live())
"""
BEATING_IN_THREAD = """
import time
from galaxy.services.supervision import readiness
readiness.BEAT_SECONDS = 0.04
readiness.report_and_beat_in_thread()
time.sleep(60)
"""
BUSY = BEATING.replace(
    "    await asyncio.sleep(60)",
    """
    async def work():
        while True:
            sum(range(10000))
            await asyncio.sleep(0)
    await asyncio.gather(*(work() for _ in range(200)))
""",
)
STUCK = BEATING.replace("await asyncio.sleep(60)", "import time; time.sleep(60)")
SLOW_TO_COME = "import time; time.sleep(1)\n" + BEATING


@asynccontextmanager
async def kept(folder: Path, program: str, alive: Callable[[], Awaitable[None]] | None = None) -> AsyncIterator[list[str]]:
    """Keep a program running meanwhile; gives what is said about it."""
    said: list[str] = []
    part = Part(
        name="part",
        command=[sys.executable, "-c", program],
        environment=os.environ | {"PYTHONPATH": str(ROOT / "platform")},
        alive=alive,
        look_every=LOOK_EVERY,
        stop_within=0.5,
    )
    keeper = Keeper(part, BoundedLog(folder, "part"), say=said.append, changed=lambda: None)
    keeping = asyncio.create_task(keeper.keep())
    await asyncio.wait_for(keeper.ready.wait(), 10)
    try:
        yield said
    finally:
        keeper.stop()
        await keeping


@pytest.mark.parametrize(
    "program", [BEATING, BEATING_IN_THREAD, SLOW_TO_COME, BUSY], ids=["loop", "thread", "slow to come", "busy"]
)
async def test_a_part_whose_heart_beats_is_left_alone(tmp_path: Path, program: str) -> None:
    async with kept(tmp_path, program) as said:
        await asyncio.sleep(2)
    assert said == []


async def test_a_part_whose_loop_is_stuck_is_started_again(tmp_path: Path) -> None:
    async with kept(tmp_path, STUCK) as said:
        await asyncio.sleep(3)
    assert said[:2] == ["part no longer answers. Restarting it in 0.5 s.", "part is back."]


async def test_a_service_that_answers_that_it_is_busy_is_left_alone(tmp_path: Path) -> None:
    async def busy() -> None:
        raise NotReadyError("recovering")

    async with kept(tmp_path, BEATING, busy) as said:
        await asyncio.sleep(2)
    assert said == []


async def test_a_service_that_does_not_answer_is_started_again(tmp_path: Path) -> None:
    async def silent() -> None:
        raise TimeoutError

    async with kept(tmp_path, BEATING, silent) as said:
        await asyncio.sleep(2)
    assert said[0] == "part no longer answers. Restarting it in 0.5 s."
