"""Budgets: true however many ask at once, over processes, after Redis lost its counts, and told to whom they bind."""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from redis import Redis

from accounts.identity import tokens
from accounts.limits import budgets
from accounts.models import Budget, Group, Usage, User
from chat.models import Run
from chat.runs import usage
from tests.client import Client
from tests.stack import Galaxy
from tests.visitor import recorded


@sync_to_async
def budget(of: User, measure: str, amount: float, **fields: Any) -> Budget:
    return Budget.objects.create(tenant=of.tenant, measure=measure, amount=amount, **({"period": "month"} | fields))


async def ask(client: Client, text: str = "[[tokens=3]]", **more: Any) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.post("/api/runs", json={"text": text, **more})


async def done(client: Client, text: str = "[[tokens=3]]") -> str:
    run_id = str((await ask(client, text)).json()["run_id"])
    await client.events(run_id)
    return run_id


async def left(client: Client) -> list[dict[str, Any]]:
    async with client.rest() as rest:
        found: list[dict[str, Any]] = (await rest.get("/api/limits")).json()
        return found


async def test_fifty_at_once_start_no_more_than_the_budget_has(alice_client: Client, alice: User) -> None:
    await budget(alice, "requests", 10, person=alice)
    answers = await asyncio.gather(*(ask(alice_client) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 40
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "over_budget"
    assert int(refused.headers["Retry-After"]) > 0
    assert "10 requests a month" in refused.json()["error"]["message"]


async def test_a_socket_is_told_when_to_come_back(alice_client: Client, alice: User) -> None:
    await budget(alice, "requests", 0, person=alice, period="minute")
    async with alice_client.socket() as socket:
        await socket.send("chat", {"text": "hello"})
        error = (await socket.receive())["error"]
    assert error["code"] == "over_budget"
    assert 0 < error["retry_after"] <= 60


async def test_what_an_answer_took_takes_the_place_of_what_was_set_aside(alice_client: Client, alice: User) -> None:
    await budget(alice, "tokens", 5_000, person=alice)
    run_id = await done(alice_client, "[[tokens=40]]")
    took = (await Usage.objects.aget(pk=run_id)).tokens
    async with asyncio.timeout(5):
        while (await left(alice_client))[0]["used"] != took:
            await asyncio.sleep(0.05)
    assert 40 <= took < 1_000


async def test_an_answer_that_was_stopped_is_counted_by_what_it_said(alice_client: Client, alice: User) -> None:
    await budget(alice, "tokens", 5_000, person=alice)
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=900 rate=100]]")
        await asyncio.sleep(0.5)
        await socket.send("stop", {"run_id": accepted["run_id"]})
        await socket.until_end(accepted["run_id"])
    assert (await Usage.objects.aget(pk=accepted["run_id"])).tokens > 10


async def hang_up(client: Client, after: float) -> None:
    """Ask, and close the connection so many seconds later."""
    body = b'{"text": "[[tokens=2]]"}'
    address = client.base_url.removeprefix("http://")
    head = {"Host": address, "Content-Type": "application/json", "Content-Length": str(len(body)), **client.headers}
    _, writer = await asyncio.open_connection(*address.split(":"))
    lines = ["POST /api/runs HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    await asyncio.sleep(after)
    writer.transport.abort()


async def test_who_hangs_up_is_counted_and_in_the_audit_all_the_same(alice_client: Client, alice: User) -> None:
    await budget(alice, "requests", 12, person=alice)
    for number in range(50):
        await hang_up(alice_client, number / 1000)
    async with asyncio.timeout(20):
        while await Run.objects.filter(person=alice, status__in=Run.ACTIVE).aexists():
            await asyncio.sleep(0.1)
        runs = await Run.objects.filter(person=alice).acount()
        while (await left(alice_client))[0]["used"] != runs:
            await asyncio.sleep(0.1)
        while len(await recorded(action="run.asked", person=str(alice.pk))) != runs:
            await asyncio.sleep(0.1)
    assert 0 < runs <= 12


async def test_a_question_that_is_refused_takes_nothing(alice_client: Client, alice: User) -> None:
    await budget(alice, "requests", 5, person=alice)
    assert (await ask(alice_client, " ")).status_code == 400
    assert (await left(alice_client))[0]["used"] == 0


async def test_a_repeated_question_takes_no_more(alice_client: Client, alice: User) -> None:
    await budget(alice, "requests", 5, person=alice)
    answers = [await ask(alice_client, "[[tokens=3]]", request_id="the same") for _ in range(3)]
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert (await left(alice_client))[0]["used"] == 1


async def test_a_question_that_has_its_run_already_gets_it_whatever_is_in_the_way_of_another(
    alice_client: Client, alice: User
) -> None:
    await budget(alice, "requests", 1, person=alice)
    first, again, other = [await ask(alice_client, request_id=name) for name in ("one", "one", "two")]
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 429)
    assert again.json()["run_id"] == first.json()["run_id"]


async def test_a_count_that_redis_lost_is_made_again_from_the_ledger(alice_client: Client, alice: User) -> None:
    made = await budget(alice, "requests", 2, person=alice)
    for _ in range(2):
        await done(alice_client)
    client = Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(f"budget:{made.pk}:*"):
        client.delete(key)
    assert (await ask(alice_client)).status_code == 429
    assert (await left(alice_client))[0]["used"] == 2


async def test_what_lapsed_while_its_answer_lived_is_reserved_again_and_settled(alice_client: Client, alice: User) -> None:
    made = await budget(alice, "tokens", 50_000, person=alice)
    redis = Redis.from_url(settings.REDIS_URL)
    async with alice_client.socket() as socket:
        run_id = (await socket.ask("[[tokens=900 rate=50]]"))["run_id"]
        for key in redis.scan_iter(f"budget:{made.pk}:*:lapses"):
            redis.zadd(key, {run_id: 1})  # as if it had run for an hour longer than an answer may
        await done(alice_client, "[[tokens=3]]")  # forgets what has lapsed
        assert all(not redis.hexists(key, run_id) for key in redis.scan_iter(f"budget:{made.pk}:*:"))
        await usage.renew(await Run.objects.aget(pk=run_id))
        await socket.send("stop", {"run_id": run_id})
        await socket.until_end(run_id)
    took = [entry.tokens async for entry in Usage.objects.filter(person=alice)]
    async with asyncio.timeout(5):
        while (await left(alice_client))[0]["used"] != sum(took):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("shared", [True, False])
async def test_a_group_shares_a_budget_or_each_has_one(
    alice_client: Client,
    bob_client: Client,
    alice: User,
    bob: User,
    shared: bool,  # noqa: FBT001
) -> None:
    group = await Group.objects.acreate(tenant=alice.tenant, name="Children")
    await sync_to_async(group.people.add)(alice, bob)
    await budget(alice, "requests", 1, group=group, shared=shared)
    assert (await ask(alice_client)).status_code == 201
    assert (await ask(bob_client)).status_code == (429 if shared else 201)


async def test_budgets_of_a_token_a_model_and_another_tenant(
    galaxy: Galaxy, alice: User, alice_client: Client, charlie_client: Client
) -> None:
    token, text = await sync_to_async(tokens.issue)(alice, "script", ["chat:write"], None)
    by_token = Client.with_token(galaxy.base_url, text)
    await budget(alice, "requests", 1, token=token)
    assert [(await ask(by_token)).status_code for _ in range(2)] == [201, 429]
    assert (await ask(alice_client)).status_code == 201
    await budget(alice, "requests", 0, about="model", target="Stand-in large")
    assert (await ask(alice_client, model="Stand-in large")).status_code == 429
    assert (await ask(alice_client, model="Stand-in")).status_code == 201
    assert (await ask(charlie_client, model="Stand-in large")).status_code == 201


async def test_a_person_sees_their_budgets_and_nobody_elses(
    alice_client: Client, bob_client: Client, charlie_client: Client, alice: User
) -> None:
    await budget(alice, "cost", 2.5, person=alice, period="day")
    (one,) = await left(alice_client)
    assert (one["name"], one["measure"], one["amount"], one["used"]) == ("$2.50 a day", "cost", 2.5, 0)
    assert await left(bob_client) == await left(charlie_client) == []


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        ("minute", "2026-02-28T23:59:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("hour", "2026-02-28T23:00:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("day", "2026-02-28T00:00:00+00:00", "2026-03-01T00:00:00+00:00"),
        ("month", "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"),
    ],
)
def test_windows_are_those_of_the_calendar(period: str, begins: str, ends: str) -> None:
    window = budgets.window_at(period, datetime.fromisoformat("2026-02-28T23:59:30+00:00"))
    assert (window.begins.isoformat(), window.ends.isoformat()) == (begins, ends)


@pytest.mark.parametrize(
    ("amount", "used", "state", "said"),
    [(10, 3, "", "3 of 10 used"), (10, 8, "warn", "8 of 10 used"), (1, 1, "danger", "1 of 1 used")],
)
async def test_the_settings_say_how_much_is_used(
    alice_client: Client, alice: User, amount: int, used: int, state: str, said: str
) -> None:
    await budget(alice, "requests", amount, person=alice, period="month")
    await asyncio.gather(*(done(alice_client) for _ in range(used)))
    async with alice_client.rest() as rest:
        page = (await rest.get("/settings")).text
    assert said in page
    assert f'class="budget {state}"' in page
    assert ("Used up." in page) is (state == "danger")
    assert f"<b>{amount} request{'s' if amount > 1 else ''} a month</b>" in page


@pytest.mark.parametrize(
    ("measure", "amount", "terms"),
    [
        ("requests", "1", "1 request a day"),
        ("requests", "2.500000", "2.5 requests a day"),
        ("tokens", "100000.000000", "100,000 tokens a day"),
        ("cost", "2.500000", "$2.50 a day"),
        ("cost", "0.001000", "$0.001 a day"),
    ],
)
def test_terms_are_said_without_zeros_that_say_nothing(measure: str, amount: str, terms: str) -> None:
    assert Budget(measure=measure, amount=Decimal(amount), period="day").terms == terms
