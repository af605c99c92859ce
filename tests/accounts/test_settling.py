"""Budgets after an answer, however it ended: charged by the count of the provider, else by what was sent and received."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from redis import Redis

from accounts.models import Budget, Usage, User
from tests.client import Client

PRICED = "Stand-in priced"
PROMPT, ANSWER = 0.15e-6, 0.6e-6  # US dollars a token of gpt-4o-mini
LONG = "All that was said before. " * 4_000  # 26,000 tokens


@sync_to_async
def budget(of: User, measure: str, amount: float) -> Budget:
    return Budget.objects.create(tenant=of.tenant, person=of, measure=measure, amount=amount, period="month")


async def left(client: Client) -> list[dict[str, Any]]:
    async with client.rest() as rest:
        found: list[dict[str, Any]] = (await rest.get("/api/limits")).json()
        return found


async def entered(run_id: str) -> Usage:
    async with asyncio.timeout(20):
        while not (found := await Usage.objects.filter(pk=run_id).afirst()):
            await asyncio.sleep(0.05)
    return found


async def stopped_after_its_first_words(client: Client, text: str, **more: Any) -> dict[str, Any]:
    async with client.socket() as socket:
        accepted = await socket.ask(text, model=PRICED, **more)
        while (await socket.receive())["status"] != "chunk":
            pass
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
        return accepted


async def test_an_answer_that_is_stopped_costs_its_whole_prompt_each_time(alice_client: Client, alice: User) -> None:
    await budget(alice, "cost", 1.0)
    first = await stopped_after_its_first_words(alice_client, f"{LONG} [[tokens=900 rate=50]]")
    again = await stopped_after_its_first_words(
        alice_client, "And now? [[tokens=900 rate=50]]", conversation_id=first["conversation_id"]
    )
    for accepted in (first, again):
        usage = await entered(accepted["run_id"])
        assert 25_000 < usage.tokens < 32_000
        assert float(usage.cost) == pytest.approx(usage.tokens * PROMPT, rel=0.1)
    async with asyncio.timeout(20):
        while (await left(alice_client))[0]["used"] < 2 * 25_000 * PROMPT:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("directive", "most"),
    [
        ("[[tokens=5 usage=0]]", 40_000),
        ("[[tokens=5 fault=cut@3]]", 40_000),
        ("[[tokens=5 fault=stall@3]]", 40_000),
        ("[[tokens=5 fault=error@3]]", 40_000),
        ("[[tokens=5 fault=stall@0]]", 40_000),
        ("[[tokens=5 fault=401]]", 0),
        ("[[tokens=5]]", 17),
        ("[[play=thoughts_alone]]", 40_000),
    ],
)
async def test_every_way_to_end_settles_what_was_sent_and_received(alice_client: Client, directive: str, most: int) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask(f"{LONG} {directive}", model=PRICED)
        await socket.until_end(accepted["run_id"])
    usage = await entered(accepted["run_id"])
    assert most * 0.6 < usage.tokens <= most or usage.tokens == most
    assert bool(usage.cost) == bool(usage.tokens)


async def test_a_history_is_estimated_before_it_is_sent(alice_client: Client, alice: User) -> None:
    first = await stopped_after_its_first_words(alice_client, f"{LONG} [[tokens=900 rate=50]]")
    used = (await entered(first["run_id"])).tokens
    await budget(alice, "tokens", used + 10_000)
    async with alice_client.rest() as rest:
        asked = await rest.post("/api/runs", json={"text": "And?", "conversation_id": first["conversation_id"]})
    assert (asked.status_code, asked.json()["error"]["code"]) == (httpx.codes.TOO_MANY_REQUESTS, "over_budget")


async def test_a_count_that_is_lost_is_made_again_with_what_is_under_way(alice_client: Client, alice: User) -> None:
    made = await budget(alice, "requests", 2)
    async with alice_client.socket() as socket:
        running = await socket.ask("[[tokens=2000 rate=50]]")
        with Redis.from_url(settings.REDIS_URL) as counts:
            for key in counts.scan_iter(f"budget:{made.pk}:*"):
                counts.delete(key)
        assert (await left(alice_client))[0]["used"] == 1
        await socket.ask("[[tokens=3]]")
        await socket.send("chat", {"text": "one too many"})
        while (frame := await socket.receive())["status"] != "error":
            pass
        assert frame["error"]["code"] == "over_budget"
        await socket.send("stop", {"run_id": running["run_id"]})
        await socket.until_end(running["run_id"])
    async with asyncio.timeout(20):
        while (await left(alice_client))[0]["used"] != 2:
            await asyncio.sleep(0.05)


async def test_a_share_is_set_aside_for_longer_than_an_answer_may_take(alice_client: Client, alice: User) -> None:
    """A share that has lapsed is never settled: an answer that used all of its time would cost nothing."""
    made = await budget(alice, "tokens", 100_000)
    async with alice_client.socket() as socket:
        running = await socket.ask("[[tokens=2000 rate=50]]")
        with Redis.from_url(settings.REDIS_URL, decode_responses=True) as counts:
            (lapses,) = counts.scan_iter(f"budget:{made.pk}:*:lapses")
            until = counts.zscore(lapses, running["run_id"])
            assert until > time.time() + settings.ENVIRONMENT.answer_seconds + 600
            assert counts.ttl(lapses) > settings.ENVIRONMENT.answer_seconds + 600
        await socket.send("stop", {"run_id": running["run_id"]})
        await socket.until_end(running["run_id"])
