"""Aliases: the first of several models that can answer does, and the answer says which one and why."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from asgiref.sync import sync_to_async

from accounts.models import AuditEntry, Budget, Grant, Usage, User
from accounts.people import directory
from chat.models import Conversation, ModelAlias, Run
from tests.accounts.operators.steps import act, operator, submit
from tests.chat.test_set_up_models import answer, offered, set_up, until
from tests.client import Client, text_of
from tests.stack import Galaxy

PAGE = "/admin/chat/modelalias"


class Broken:
    """A model server that fails: with a status, or by silence."""

    def __init__(self) -> None:
        self.status, self.asked = 0, 0
        self._hangs = asyncio.Event()

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        if not self.status:
            await self._hangs.wait()
        return web.Response(status=self.status, headers={"Retry-After": "60"})


@pytest.fixture
async def broken() -> AsyncIterator[tuple[Broken, str]]:
    server = Broken()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield server, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


def name(person: User, alias: str, *members: str, **given: Any) -> ModelAlias:
    """An alias of the person's tenant."""
    row = ModelAlias.objects.create(tenant=person.tenant, name=alias, **given)
    for position, member in enumerate(members):
        row.members.create(model=member, position=position)
    return row


async def run_of(frames: list[dict[str, Any]]) -> Run:
    return await Run.objects.aget(pk=frames[-1]["run_id"])


def passed_over(run: Run) -> list[dict[str, str]]:
    return list(run.passed_over or ())


async def test_the_next_model_answers_and_every_account_of_it_says_so(
    galaxy: Galaxy, alice: User, alice_client: Client
) -> None:
    await sync_to_async(name)(alice, "House", "dead", "Stand-in priced")
    await until(alice_client, "House")
    frames = await answer(alice_client, "House")
    assert text_of(frames)
    assert frames[0]["model"] == "House"
    assert (frames[-1]["status"], frames[-1]["models"]) == ("complete", ["Stand-in priced"])
    told = [frame["event"]["data"] for frame in frames if frame["status"] == "event"]
    passed = [data["metadata"]["passed_over"] for data in told if "passed_over" in (data.get("metadata") or {})]
    assert passed == [[{"model": "dead", "reason": "OpenAI cannot be reached."}]]
    run = await run_of(frames)
    assert (run.model, run.answered_by, run.provider) == ("House", "Stand-in priced", "openai")
    assert run.passed_over == passed[0]
    used = await Usage.objects.aget(pk=run.pk)
    assert (used.model, used.provider) == ("Stand-in priced", "openai")
    assert frames[-1]["usage"]["cost"] > 0
    async with asyncio.timeout(20):
        while (entry := await AuditEntry.objects.filter(action="run.ended", target=str(run.pk)).afirst()) is None:
            await asyncio.sleep(0.05)
    assert '"models":["Stand-in priced"]' in entry.detail
    async with alice_client.rest() as rest:
        page = (await rest.get(f"/c/{frames[0]['conversation_id']}")).text
        seen = (await rest.get(f"/api/runs/{run.pk}")).json()
    assert "dead was passed over: OpenAI cannot be reached. Stand-in priced was asked instead." in page
    assert "Stand-in priced for House" in page
    assert (seen["model"], seen["answered_by"], seen["passed_over"]) == ("House", "Stand-in priced", passed[0])
    assert (await Conversation.objects.aget(pk=frames[0]["conversation_id"])).model == "House"
    again = await answer(alice_client, "", conversation_id=frames[0]["conversation_id"])
    assert again[-1]["models"] == ["Stand-in priced"]


@pytest.mark.parametrize(
    ("status", "reason"), [(401, "key"), (404, "no model"), (429, "busy"), (503, "problems"), (0, "nothing")]
)
async def test_whatever_is_wrong_with_a_model_the_next_one_is_asked_at_once(
    galaxy: Galaxy, alice: User, alice_client: Client, broken: tuple[Broken, str], status: int, reason: str
) -> None:
    server, address = broken
    server.status = status
    await sync_to_async(set_up)(galaxy, alice, model="First", base_url=address)
    await sync_to_async(name)(alice, "House", "First", "Stand-in", patience_seconds=1)
    await until(alice_client, "House")
    began = time.monotonic()
    frames = await answer(alice_client, "House")
    assert time.monotonic() - began < 15  # asked again, it would have been told to wait for a minute
    assert frames[-1]["models"] == ["Stand-in"]
    assert server.asked == 1
    assert reason in passed_over(await run_of(frames))[0]["reason"]


async def test_once_a_model_has_begun_no_other_is_asked(alice: User, alice_client: Client) -> None:
    await sync_to_async(name)(alice, "House", "Stand-in", "Stand-in large")
    await until(alice_client, "House")
    frames = await answer(alice_client, "House", text="[[tokens=20 fault=cut@5]]")
    assert frames[-1]["error"]["code"] == "model_stream_broken"
    assert (await run_of(frames)).answered_by == "Stand-in"
    refused = await answer(alice_client, "House", text="[[fault=400]]")  # the question's fault, not the model's
    assert refused[-1]["error"]["code"] == "model_refused"


async def test_with_no_model_left_each_cause_is_said(galaxy: Galaxy, alice: User, alice_client: Client) -> None:
    await sync_to_async(set_up)(galaxy, alice, model="Locked", key="sk-wrong")
    await sync_to_async(name)(alice, "House", "dead", "Locked")
    await until(alice_client, "House")
    failure = (await answer(alice_client, "House"))[-1]["error"]
    assert failure["code"] == "model_down"
    assert "dead: OpenAI cannot be reached. Locked: OpenAI does not accept the key" in failure["message"]


async def test_a_stranger_is_offered_no_alias(
    galaxy: Galaxy, alice: User, alice_client: Client, bob_client: Client, charlie_client: Client
) -> None:
    await sync_to_async(name)(alice, "House", "Stand-in")
    await until(alice_client, "House")
    assert "House" in await offered(bob_client)
    assert "House" not in await offered(charlie_client)
    async with charlie_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "Hello", "model": "House"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_model")


async def test_an_alias_gives_no_right_to_a_model(alice: User, alice_client: Client, bob: User, bob_client: Client) -> None:
    await sync_to_async(name)(alice, "House", "Stand-in large", "Stand-in")
    await until(alice_client, "House")
    deny = {"tenant": alice.tenant, "person": bob, "effect": "deny", "kind": "model", "action": "use"}
    await Grant.objects.acreate(target="Stand-in large", **deny)
    assert (await answer(alice_client, "House"))[-1]["models"] == ["Stand-in large"]
    frames = await answer(bob_client, "House")
    assert frames[-1]["models"] == ["Stand-in"]
    assert "Stand-in large" not in str(frames)
    assert passed_over(await run_of(frames)) == []
    await Grant.objects.acreate(target="Stand-in", **deny)
    assert "House" not in await offered(bob_client)
    async with bob_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "Hello", "model": "House"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


async def test_a_denied_alias_is_not_asked_though_its_models_may_be(alice: User, bob: User, bob_client: Client) -> None:
    await sync_to_async(name)(alice, "House", "Stand-in")
    await until(bob_client, "House")
    await Grant.objects.acreate(tenant=alice.tenant, person=bob, effect="deny", kind="model", action="use", target="House")
    assert "House" not in await offered(bob_client)
    async with bob_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "Hello", "model": "House"})
    assert refused.json()["error"]["code"] == "forbidden"


async def test_a_budget_of_a_model_holds_behind_an_alias(alice: User, alice_client: Client) -> None:
    given = {"tenant": alice.tenant, "measure": "requests", "amount": 1, "period": "day", "about": "model"}
    await Budget.objects.acreate(target="Stand-in large", **given)
    await sync_to_async(name)(alice, "House", "Stand-in large", "Stand-in")
    await until(alice_client, "House")
    assert (await answer(alice_client, "House"))[-1]["models"] == ["Stand-in large"]
    frames = await answer(alice_client, "House")
    assert frames[-1]["models"] == ["Stand-in"]
    assert "Stand-in large" in passed_over(await run_of(frames))[0]["model"]
    async with alice_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "Hello", "model": "Stand-in large"})
    assert refused.json()["error"]["code"] == "over_budget"


async def test_who_has_called_a_tool_gives_the_answer_too(alice: User, alice_client: Client) -> None:
    await sync_to_async(name)(alice, "House", "dead", "Stand-in large")
    await until(alice_client, "House")
    asked = '[[tool=calculate arguments=\'{"expression": "2+2"}\' tokens=3]]'
    frames = await answer(alice_client, "House", text=asked)
    assert (frames[-1]["status"], frames[-1]["models"]) == ("complete", ["Stand-in large"])
    assert len(passed_over(await run_of(frames))) == 1


def test_an_operator_sets_up_an_alias_and_a_stranger_does_not_see_it(galaxy: Galaxy, charlie: User) -> None:
    owner = directory.owner()
    rows = {"members-TOTAL_FORMS": "2", "members-INITIAL_FORMS": "0"}
    rows |= {"members-0-model": "Stand-in", "members-0-position": "0", "members-1-model": "dead", "members-1-position": "1"}
    given = rows | {"patience_seconds": "8", "position": "0", "enabled": "on"}
    with operator(galaxy, owner) as browser:
        assert "A model has this name already." in submit(browser, f"{PAGE}/add/", name="Stand-in", **given).text
        submit(browser, f"{PAGE}/add/", name="Ours together", **given)
        row = ModelAlias.objects.get(tenant=owner.tenant, name="Ours together")
        try:
            assert "Stand-in, dead" in browser.get(f"{PAGE}/").text
            with operator(galaxy, charlie) as stranger:
                assert "Ours together" not in stranger.get(f"{PAGE}/").text
                assert stranger.get(f"{PAGE}/{row.pk}/change/").status_code in (302, 404)
        finally:
            act(browser, f"{PAGE}/", "delete_selected", row.pk, post="yes")
        assert not ModelAlias.objects.filter(pk=row.pk).exists()
