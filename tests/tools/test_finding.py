"""Tools are found by meaning, in any language, and by words alone if the embedder does not answer at once."""

import asyncio
from pathlib import Path

import pytest
from django.test import override_settings

from accounts.models import Grant, User
from tests.client import Client
from tests.stack import Galaxy
from tests.tools.test_doors import call
from tools.calling import search
from tools.calling.meaning import Meanings
from tools.specs import ToolSpec

pytestmark = pytest.mark.timeout(180)


def spec(name: str, description: str) -> ToolSpec:
    return ToolSpec(name=name, title=name, description=description, input_schema={"type": "object"})


LAMP, WEATHER, OTHER = (
    spec("lamp", "Switch a lamp on or off."),
    spec("weather", "Tell the weather of a place."),
    spec("other", "Do something else with the files."),
)
ALL = [OTHER, WEATHER, LAMP]


async def names(client: Client, query: str) -> list[str]:
    found = (await call(client, "search_tools", query=query)).json()["result"]["data"]["tools"]
    return [one["name"] for one in found]


async def test_a_question_in_another_language_finds_the_tool(alice_client: Client) -> None:
    async with asyncio.timeout(120):  # the first one wakes the embedder, and does not wait for it
        for number in range(10_000):
            if (await names(alice_client, f"réserver une salle de réunion {number}"))[:1] == ["book"]:
                return
            await asyncio.sleep(0.2)


async def test_what_is_meant_is_not_found_by_who_may_not_use_it(charlie: User, charlie_client: Client) -> None:
    await Grant.objects.acreate(tenant=charlie.tenant, person=charlie, effect="deny", action="use", kind="tool", target="book")
    async with asyncio.timeout(120):
        while "book" in await names(charlie_client, "book a room"):
            await asyncio.sleep(0.1)
        while not (found := await names(charlie_client, "réserver une salle")):  # by meaning alone: it shares no word
            await asyncio.sleep(0.2)
    assert "book" not in found


async def test_meanings_are_kept_and_only_new_descriptions_are_asked_for(galaxy: Galaxy) -> None:
    meanings = Meanings()
    async with asyncio.timeout(120):
        while (near := await meanings.nearness(ALL, "Schalte das Licht ein")) is None:
            await asyncio.sleep(0.1)
        assert search.matching(ALL, "Schalte das Licht ein", 1, near) == [LAMP]
        more = [*ALL, spec("time", "Tell the time of a place.")]
        while (near := await meanings.nearness(more, "Wie spät ist es in Paris?")) is None:
            await asyncio.sleep(0.1)
    assert search.best(more, "Wie spät ist es in Paris?", 1, near)[0].name == "time"


async def test_no_search_waits_for_an_embedder_that_does_not_answer(tmp_path: Path) -> None:
    silent = await asyncio.start_unix_server(lambda *_: None, tmp_path / "silent.sock")
    meanings = Meanings()
    with override_settings(EMBEDDER_SOCKET=str(tmp_path / "silent.sock")):
        async with asyncio.timeout(30):  # an answer would take a minute
            assert [await meanings.nearness(ALL, "turn on the light") for _ in range(20)] == [None] * 20
    silent.close()


async def test_no_search_fails_without_an_embedder(tmp_path: Path) -> None:
    with override_settings(EMBEDDER_SOCKET=str(tmp_path / "none.sock")):
        assert await Meanings().nearness(ALL, "turn on the light") is None
    assert search.best(ALL, "turn on the lamps", 1) == [LAMP]


def test_words_of_another_language_count_little_and_known_ones_half() -> None:
    near = [0.80, 0.82, 0.86]  # of ALL, in its order
    assert search.best(ALL, "Schalte das Licht ein", 1, near) == [LAMP]  # no word is known: meaning alone
    assert search.best(ALL, "weather place", 1, [0.80, 0.82, 0.83]) == [WEATHER]  # both, and the words are certain


def test_equal_tools_come_by_name_and_none_is_no_mistake() -> None:
    assert search.best([], "lamp", 3, []) == []
    assert search.best(ALL, "xyz", 3, [0.8, 0.8, 0.8]) == [LAMP, OTHER, WEATHER]
