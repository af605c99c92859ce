"""One row for each request to a model: its tokens, its time, its person and why it ended."""

import asyncio
from typing import Any

import pytest

from accounts.models import User
from accounts.people import removal
from accounts.storage.connections import in_database
from chat.deletion.personal_data import MODEL_CALLS
from chat.models import ModelCall
from tests.client import Client

PRICED = "Stand-in priced"


async def asked(client: Client, text: str, **more: Any) -> dict[str, Any]:
    """Ask, and wait for the end of the answer."""
    async with client.socket() as socket:
        accepted = await socket.ask(text, **more)
        await socket.until_end(accepted["run_id"])
    return accepted


async def rows(run_id: str, count: int = 1) -> list[ModelCall]:
    async with asyncio.timeout(20):
        while len(found := [row async for row in ModelCall.objects.filter(run__pk=run_id).order_by("at")]) < count:
            await asyncio.sleep(0.05)
    return found


async def test_an_answer_leaves_its_tokens_price_and_times(alice_client: Client, alice: User) -> None:
    accepted = await asked(alice_client, "[[tokens=8 cached=10 delay=0.2]]", model=PRICED)
    [row] = await rows(accepted["run_id"])
    assert (row.tenant_id, row.person_id, row.model, row.purpose) == (alice.tenant_id, alice.pk, PRICED, "answer")
    assert (row.prompt_tokens, row.completion_tokens, row.cached_tokens, row.outcome) == (12, 8, 10, "stop")
    assert row.first_token
    assert row.took
    assert 0.2 <= row.first_token.total_seconds() <= row.took.total_seconds()
    full, half, answer = 0.15e-6, 0.075e-6, 0.6e-6  # US dollars a token of gpt-4o-mini
    assert float(row.cost or 0) == pytest.approx(2 * full + 10 * half + 8 * answer, abs=1e-8)


async def test_each_step_of_an_answer_with_tools_is_a_row(alice_client: Client) -> None:
    accepted = await asked(alice_client, """[[tool=basic_math arguments='{"expression": "6 * 7"}']]""")
    first, last = await rows(accepted["run_id"], 2)
    assert (first.outcome, last.outcome) == ("tool_calls", "stop")
    assert first.first_token  # of a call, too
    assert first.at < last.at


@pytest.mark.parametrize(
    ("directive", "outcome"), [("fault=401", "model_unauthorised"), ("fault=cut@3", "model_stream_broken")]
)
async def test_a_failure_is_its_outcome(alice_client: Client, directive: str, outcome: str) -> None:
    accepted = await asked(alice_client, f"[[tokens=5 {directive}]]")
    [row] = await rows(accepted["run_id"])
    assert row.outcome == outcome


async def test_a_stopped_answer_is_counted_as_far_as_it_came(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=900 rate=50]]", model=PRICED)
        while (await socket.receive())["status"] != "chunk":
            pass
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
    [row] = await rows(accepted["run_id"])
    assert row.outcome == "stopped"
    assert row.prompt_tokens > 0
    assert row.completion_tokens < 900


async def test_the_row_is_exported_and_forgets_a_person_who_leaves(alice_client: Client, alice: User) -> None:
    accepted = await asked(alice_client, "[[tokens=2]]")
    [row] = await rows(accepted["run_id"])
    [told] = await in_database(lambda: list(MODEL_CALLS.export(alice)))
    assert (told["model"], told["completion_tokens"]) == (row.model, 2)
    await in_database(removal.remove, alice)
    kept = await ModelCall.objects.aget(pk=row.pk)
    assert (kept.person_id, kept.run_id, kept.completion_tokens) == (None, None, 2)


async def test_the_row_outlives_its_conversation(alice_client: Client, alice: User) -> None:
    accepted = await asked(alice_client, "[[tokens=2]]")
    [row] = await rows(accepted["run_id"])
    async with alice_client.rest() as rest:
        assert (await rest.delete(f"/api/conversations/{accepted['conversation_id']}")).status_code == 204
    kept = await ModelCall.objects.aget(pk=row.pk)
    assert (kept.run_id, kept.person_id) == (None, alice.pk)
