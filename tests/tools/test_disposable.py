"""Processes that may be killed: what goes wrong in one of them is the end of that one."""

import asyncio

import pytest

from tools.builtin.disposable.pool import NeededTooMuch, Pool, ProcessEnded, TookTooLong

POOL = Pool("tests.tools.strange_job")


async def test_each_trouble_has_its_name_and_the_next_question_is_answered() -> None:
    for message, trouble in ((b"memory", NeededTooMuch), (b"time", TookTooLong), (b"break", ProcessEnded)):
        with pytest.raises(trouble):
            await POOL.ask(message)
        assert await POOL.ask(b"next") == b"next"


async def test_it_writes_no_files_and_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "secret")
    assert await POOL.ask(b"file") == b"refused"
    assert b"SECRET_KEY" not in await POOL.ask(b"environment")


async def test_many_questions_wait_for_their_turn_and_those_given_up_are_not_asked() -> None:
    waiting = [asyncio.create_task(POOL.ask(b"time")) for _ in range(12)]
    await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [asyncio.CancelledError] * 12
    assert await asyncio.gather(*(POOL.ask(b"%d" % number) for number in range(20))) == [b"%d" % n for n in range(20)]
