"""Deleting with a way back: a marked chat is at no door, comes back whole, and is gone when the time to undo is over."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.utils import timezone

from accounts.models import Grant, User
from accounts.storage.connections import in_database
from chat.catalogue.grants import KINDS
from chat.deletion.personal_data import CONVERSATIONS
from chat.models import Conversation, Message, Run
from chat.parts import Text
from chat.tasks import delete_marked_conversations
from tests.client import Client

HTMX = {"HX-Request": "true"}


@pytest.fixture
def chat(alice: User) -> Conversation:
    made = Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="Own words", model="Stand-in")
    question = Message.objects.create(conversation=made, role="user", parts=[Text("What is it?")])
    answer = Message.objects.create(
        conversation=made, parent=question, role="assistant", parts=[Text("It is.")], model="Stand-in"
    )
    Run.objects.create(conversation=made, answer=answer, person=alice, model="Stand-in", status="complete")
    Conversation.objects.filter(pk=made.pk).update(leaf=answer)
    return made


async def ask(client: Client, method: str, path: str, **headers: str) -> httpx.Response:
    async with client.rest() as rest:
        token = rest.headers.get("X-CSRFToken", "c" * 32)
        return await rest.request(method, path, headers={"X-CSRFToken": token, **headers}, follow_redirects=False)


def addresses(chat: Conversation) -> list[str]:
    run = chat.runs.get()
    pages = ["", "/messages", f"/messages/{run.answer_id}", "/rename", "/delete"]
    api = [f"conversations/{chat.pk}{below}" for below in ("", "/messages", "/runs")] + [
        f"runs/{run.pk}",
        f"runs/{run.pk}/events",
    ]
    return [
        *(f"/c/{chat.pk}{below}" for below in pages),
        *(f"/api/{path}" for path in api),
        f"/api/chat/sse?messageId={run.answer_id}",
    ]


async def statuses(client: Client, paths: list[str]) -> dict[str, int]:
    return {path: (await ask(client, "GET", path)).status_code for path in paths}


async def test_a_marked_chat_is_at_no_door_and_comes_back_whole(
    alice_client: Client, bob_client: Client, alice: User, bob: User, chat: Conversation
) -> None:
    def share() -> None:
        Grant.objects.create(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=str(chat.pk))

    def offered() -> list[Any]:
        return [named for named in KINDS[0].things(alice.tenant_id) if str(chat.pk) in named]

    await in_database(share)
    paths = await in_database(addresses, chat)
    assert set((await statuses(alice_client, paths)).values()) <= {200, 204}
    assert (await ask(alice_client, "DELETE", f"/c/{chat.pk}/delete", **HTMX)).status_code == 200
    for client in (alice_client, bob_client):
        assert set((await statuses(client, paths)).values()) == {404}
        assert (await ask(client, "DELETE", f"/api/conversations/{chat.pk}")).status_code == 404
        for path in ("/conversations", "/api/conversations"):
            assert str(chat.pk) not in (await ask(client, "GET", path)).text
    assert await in_database(lambda: list(CONVERSATIONS.export(alice))) == []
    assert await in_database(offered) == []
    assert (await ask(bob_client, "POST", f"/c/{chat.pk}/restore", **HTMX)).status_code == 404  # it is not bob's to bring back
    back = await ask(alice_client, "POST", f"/c/{chat.pk}/restore", **HTMX)
    assert (back.status_code, back.headers["hx-trigger"]) == (200, '{"notice:conversations": {}}')
    assert set((await statuses(alice_client, paths)).values()) <= {200, 204}
    assert "It is." in (await ask(alice_client, "GET", f"/c/{chat.pk}")).text
    assert await in_database(offered) != []


async def test_what_is_overdue_is_deleted_for_good_and_nothing_else(
    alice_client: Client, alice: User, chat: Conversation
) -> None:
    def age(kept: UUID) -> None:
        Conversation.objects.filter(pk=chat.pk).update(
            deleted_at=timezone.now() - Conversation.UNDO_WITHIN - timedelta(seconds=1)
        )
        Conversation.objects.filter(pk=kept).update(deleted_at=timezone.now())

    def left() -> tuple[bool, int, int]:
        below = Message.objects.filter(conversation=chat.pk).count() + Run.objects.filter(conversation=chat.pk).count()
        return Conversation.objects.filter(pk=chat.pk).exists(), below, Conversation.objects.filter(owner=alice).count()

    just_marked = await Conversation.objects.acreate(owner=alice, tenant_id=alice.tenant_id, title="Just now")
    await Conversation.objects.acreate(owner=alice, tenant_id=alice.tenant_id, title="Kept")
    await in_database(age, just_marked.pk)
    await in_database(delete_marked_conversations)
    assert await in_database(left) == (False, 0, 2)
    late = await ask(alice_client, "POST", f"/c/{chat.pk}/restore", **HTMX)
    assert late.status_code == 404
    assert late.text == "It is too late to undo: this chat has been deleted for good."
    assert late.headers["content-type"].startswith("text/plain")


async def test_the_worker_looks_for_what_is_overdue(chat: Conversation) -> None:
    await Conversation.objects.filter(pk=chat.pk).aupdate(deleted_at=timezone.now() - timedelta(minutes=5))
    async with asyncio.timeout(90):
        while await Conversation.objects.filter(pk=chat.pk).aexists():
            await asyncio.sleep(0.5)


async def test_an_answer_under_way_is_stopped_with_what_it_said(alice_client: Client) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("Long one. [[tokens=2000 rate=50]]")
        while (await socket.receive())["status"] != "chunk":
            pass
        chat, run = accepted["conversation_id"], accepted["run_id"]
        assert (await ask(alice_client, "DELETE", f"/c/{chat}/delete", **HTMX)).status_code == 200
        assert (await socket.until_end(run))[-1]["finish_reason"] == "stopped"
    assert (await ask(alice_client, "POST", f"/c/{chat}/restore", **HTMX)).status_code == 200
    found = (await ask(alice_client, "GET", f"/api/runs/{run}")).json()
    assert found["status"] == "stopped"


async def test_each_fragment_and_form_answers_its_owner_a_stranger_and_no_one(
    alice_client: Client, charlie_client: Client, anonymous: httpx.AsyncClient, chat: Conversation
) -> None:
    here = {"HX-Current-URL": f"{alice_client.base_url}/c/{chat.pk}"}
    of_owner = {
        ("GET", "/conversations"): 200,
        ("GET", "/models"): 200,
        ("GET", f"/c/{chat.pk}/rename"): 200,
        ("POST", f"/c/{chat.pk}/rename"): 422,  # without a name
        ("DELETE", f"/c/{chat.pk}/delete"): 200,
        ("POST", f"/c/{chat.pk}/restore"): 200,
    }
    for (method, path), status in of_owner.items():
        is_own = path.startswith("/c/")
        refused = await ask(charlie_client, method, path, **HTMX, **here)
        assert refused.status_code == (404 if is_own else 200), path
        assert "Own words" not in refused.text
        assert "<html" not in refused.text
        unknown = await anonymous.request(method, path, headers=HTMX, follow_redirects=False)
        assert unknown.status_code in (302, 403), path  # to sign in; a form without its token comes to nothing before
        answer = await ask(alice_client, method, path, **HTMX, **here)
        assert answer.status_code == status, (method, path, answer.text[:200])
        assert "<html" not in answer.text


async def test_the_list_follows_the_page_that_asks_for_it(alice_client: Client, chat: Conversation) -> None:
    here = {"HX-Current-URL": f"{alice_client.base_url}/c/{chat.pk}"}
    fragment = (await ask(alice_client, "GET", "/conversations?count=40", **HTMX, **here)).text
    assert fragment.count('aria-current="page"') == 1
    assert "<title>Own words · " in fragment
    for elsewhere in ("/settings", "/nothing/here", "", "/c/00000000-0000-0000-0000-000000000000"):
        answer = await ask(
            alice_client, "GET", "/conversations", **HTMX, **{"HX-Current-URL": f"{alice_client.base_url}{elsewhere}"}
        )
        assert "aria-current" not in answer.text
        assert "<title>" not in answer.text
    opened = await ask(alice_client, "DELETE", f"/c/{chat.pk}/delete", **HTMX, **here)
    assert opened.headers["hx-redirect"] == "/"


async def test_a_chat_that_is_deleted_twice_at_once_is_deleted_once(alice_client: Client, chat: Conversation) -> None:
    answers = await asyncio.gather(*(ask(alice_client, "DELETE", f"/c/{chat.pk}/delete", **HTMX) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 19


async def test_a_question_that_is_repeated_after_its_chat_was_deleted_is_refused(alice_client: Client) -> None:
    asked = {"text": "[[tokens=2]]", "request_id": "the same"}
    async with alice_client.rest() as rest:
        started = (await rest.post("/api/runs", json=asked)).json()
        await alice_client.events(started["run_id"])
        assert (await ask(alice_client, "DELETE", f"/c/{started['conversation_id']}/delete", **HTMX)).status_code == 200
        again = await rest.post("/api/runs", json=asked)
    assert (again.status_code, again.json()["error"]["code"]) == (404, "not_found"), again.text
