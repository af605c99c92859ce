"""Frames of a run in the web process: few are kept of those that every reader has taken, more of those that wait for one."""

import uuid

from chat.delivery import hub
from chat.delivery.hub import Channel
from chat.log.lines import Line


def a_channel() -> Channel:
    return Channel(uuid.uuid4(), newest=0)


def lines(first: int, count: int, size: int = 100) -> list[Line]:
    return [Line(seq, b"x" * size) for seq in range(first, first + count)]


def test_what_was_taken_is_forgotten_but_for_the_newest() -> None:
    channel = a_channel()
    for seq in range(1, 200):
        channel.add(lines(seq, 1))
        assert channel.after(seq - 1) == lines(seq, 1)
    assert channel.after(100) is None
    newest = hub.KEPT_BYTES // (100 + hub.LINE_BYTES)
    assert channel.after(199 - newest) == lines(200 - newest, newest)


def test_what_no_follower_had_a_turn_to_take_is_kept() -> None:
    channel = a_channel()
    channel.add(lines(1, 4, size=20_000))
    channel.add(lines(5, 1, size=20_000))
    assert channel.after(0) == lines(1, 5, size=20_000)


def test_a_follower_that_takes_nothing_costs_no_more_than_a_limit() -> None:
    channel = a_channel()
    for seq in range(1, 50):
        channel.add(lines(seq, 1, size=20_000))
    assert channel.after(0) is None
    kept = hub.UNTAKEN_BYTES // 20_000
    assert channel.after(49 - kept) == lines(50 - kept, kept, size=20_000)
    assert channel.after(48 - kept) is None
