"""Watching someone's rights: asking at once, at each change and every few seconds, one question at a time."""

import asyncio
import time
from uuid import UUID

from django.db import OperationalError

from accounts.access import rights_changes
from accounts.access.rights_changes import rights
from accounts.audit.actor import Actor, acting, actor
from accounts.models import User
from accounts.storage import connections
from accounts.storage.connections import in_database
from tests.stack import Galaxy


class Asking:
    """Counts the questions; each takes until it is answered."""

    def __init__(self) -> None:
        self.asked = 0
        self.answered = asyncio.Event()

    async def __call__(self) -> None:
        self.asked += 1
        await self.answered.wait()


async def until(asking: Asking, asked: int) -> None:
    async with asyncio.timeout(10):
        while asking.asked < asked:
            await asyncio.sleep(0.02)


async def test_it_asks_at_once_and_again_after_a_while(galaxy: Galaxy, alice: User) -> None:
    asking = Asking()
    asking.answered.set()
    watch = rights.watch(alice.pk, asking, every=0.05)
    await until(asking, 3)
    watch.close()
    asked = asking.asked
    await asyncio.sleep(0.2)
    assert asking.asked == asked


async def test_a_change_is_heard_and_one_that_comes_while_it_asks_is_not_lost(galaxy: Galaxy, alice: User) -> None:
    asking = Asking()
    watch = rights.watch(alice.pk, asking, every=3600)
    await until(asking, 1)
    await in_database(rights_changes.publish, alice.pk)
    await asyncio.sleep(0.3)
    assert asking.asked == 1
    asking.answered.set()
    await until(asking, 2)
    watch.close()


async def test_a_question_that_fails_is_asked_again(galaxy: Galaxy, alice: User) -> None:
    asked: list[int] = []

    async def fails() -> None:
        asked.append(1)
        raise ZeroDivisionError

    watch = rights.watch(alice.pk, fails, every=0.05)
    async with asyncio.timeout(10):
        while len(asked) < 2:
            await asyncio.sleep(0.02)
    watch.close()


async def test_who_acts_is_who_watches_whoever_listened_first(galaxy: Galaxy, alice: User, bob: User) -> None:
    acted: list[UUID | None] = []

    async def ask() -> None:
        acted.append(actor().person_id)

    nothing = Asking()
    with acting(Actor(person_id=bob.pk)):
        first = rights.watch(bob.pk, nothing, every=3600)
    with acting(Actor(person_id=alice.pk)):
        watch = rights.watch(alice.pk, ask, every=3600)
    await until(nothing, 1)
    async with asyncio.timeout(10):
        while len(acted) < 2:
            await in_database(rights_changes.publish, alice.pk)
            await asyncio.sleep(0.05)
    watch.close()
    first.close()
    assert set(acted) == {alice.pk}


async def test_what_was_said_while_redis_was_away_is_asked_as_soon_as_it_is_back(galaxy: Galaxy, alice: User) -> None:
    asking = Asking()
    asking.answered.set()
    watch = rights.watch(alice.pk, asking, every=3600)
    await until(asking, 2)  # at once, and when it hears
    await connections.redis().client_kill_filter(_type="pubsub")
    await until(asking, 3)
    watch.close()


async def test_what_nobody_understands_is_asked_for_everybody(galaxy: Galaxy, alice: User) -> None:
    asking = Asking()
    asking.answered.set()
    watch = rights.watch(alice.pk, asking, every=3600)
    await until(asking, 2)
    await connections.redis().publish(rights_changes.CHANNEL, "nonsense")
    await until(asking, 3)
    watch.close()


async def test_while_the_database_cannot_tell_it_asks_again_soon(galaxy: Galaxy, alice: User) -> None:
    asked: list[int] = []

    async def cannot_tell() -> None:
        asked.append(1)
        raise OperationalError

    watch = rights.watch(alice.pk, cannot_tell, every=3600)
    async with asyncio.timeout(10):
        while len(asked) < 4:
            await asyncio.sleep(0.02)
    watch.close()


async def test_who_asked_already_is_not_asked_at_once_unless_something_was_said_since(galaxy: Galaxy, alice: User) -> None:
    asking = Asking()
    asking.answered.set()
    first = rights.watch(alice.pk, asking, every=3600, asked_at=time.monotonic())
    await until(asking, 2)  # no one listened yet: at once, and when it hears
    quiet = Asking()
    second = rights.watch(alice.pk, quiet, every=3600, asked_at=time.monotonic())
    await asyncio.sleep(0.2)
    assert quiet.asked == 0
    before = time.monotonic()
    await in_database(rights_changes.publish, alice.pk)
    await until(quiet, 1)
    late = Asking()
    third = rights.watch(alice.pk, late, every=3600, asked_at=before)
    await until(late, 1)
    for watch in (first, second, third):
        watch.close()
