"""Finding tools by what they do, and calling several at once."""

import pytest

from accounts.models import Grant, User
from tests.client import Client
from tests.tools.test_doors import call
from tools.calling import search
from tools.specs import ToolSpec


async def test_tools_are_found_by_what_they_do_and_only_ones_own(alice: User, alice_client: Client) -> None:
    found = (await call(alice_client, "search_tools", query="book a room")).json()["result"]["data"]["tools"]
    assert found[0]["name"] == "book"
    await Grant.objects.acreate(tenant=alice.tenant, person=alice, effect="deny", action="use", kind="tool", target="book")
    for _ in range(40):
        found = (await call(alice_client, "search_tools", query="book a room")).json()["result"]["data"]["tools"]
        if "book" not in [one["name"] for one in found]:
            break
    assert "book" not in [one["name"] for one in found]


async def test_several_calls_come_back_in_order_and_what_a_person_must_decide_is_not_made(alice_client: Client) -> None:
    wanted = [
        {"tool": "add", "arguments": {"a": 1, "b": 2}},
        {"tool": "nothing"},
        {"tool": "add", "arguments": {"a": 1}},
        {"tool": "book", "arguments": {"room": "A"}},
        {"tool": "batch_execute", "arguments": {"wanted": []}},
    ]
    came = (await call(alice_client, "batch_execute", wanted=wanted)).json()["result"]["data"]["results"]
    assert [one["outcome"] for one in came] == ["succeeded", "failed", "failed", "failed", "failed"]
    assert "by itself" in came[3]["text"]


@pytest.mark.parametrize(("words", "first"), [("turn on the lamps", "lamp"), ("what is the weather", "weather")])
def test_the_fitting_tool_comes_first_among_many(words: str, first: str) -> None:
    def spec(name: str, description: str) -> ToolSpec:
        return ToolSpec(name=name, title=name, description=description, input_schema={"type": "object"})

    many = [spec(f"other{number}", "Do something else with the files.") for number in range(40)]
    many += [spec("lamp", "Switch a lamp on or off."), spec("weather", "Tell the weather of a place.")]
    assert search.best(many, words, 3)[0].name == first
