"""The pages of chat over HTTP, without script: who sees what, what forms do, how the list is grouped."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Grant, User
from accounts.storage.connections import in_database
from chat.models import Conversation, Message, Run
from chat.pages import picker, sidebar, thread
from chat.parts import Text
from chat.prompts.asides.words import first_words
from chat.providers.base import ModelConfig
from tests.client import Client
from tests.stack import Galaxy

HIDDEN = "This page does not exist"


@pytest.fixture
def chat(alice: User) -> Conversation:
    made = Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="Alice's own <chat>")
    question = Message.objects.create(conversation=made, role="user", parts=[Text("What <b>is</b> it?")])
    answer = Message.objects.create(
        conversation=made, parent=question, role="assistant", parts=[Text("It *is*.")], model="Stand-in"
    )
    Conversation.objects.filter(pk=made.pk).update(leaf=answer)
    return made


async def form(client: Client, path: str, **fields: str) -> httpx.Response:
    async with client.rest() as rest:
        token = {"csrfmiddlewaretoken": "c" * 32}
        return await rest.post(path, data=fields | token, follow_redirects=False)


async def get(client: Client, path: str) -> httpx.Response:
    async with client.rest() as rest:
        return await rest.get(path)


async def test_a_chat_is_shown_to_its_owner_escaped_and_rendered(alice_client: Client, chat: Conversation) -> None:
    page = await get(alice_client, f"/c/{chat.pk}")
    assert page.status_code == 200
    assert "What &lt;b&gt;is&lt;/b&gt; it?" in page.text
    assert '<p dir="auto">It <em>is</em>.</p>' in page.text
    assert "Alice&#x27;s own &lt;chat&gt;" in page.text
    assert "no-store" in page.headers["cache-control"]


async def test_nobody_else_finds_any_address_of_it(
    bob_client: Client, charlie_client: Client, alice_client: Client, chat: Conversation
) -> None:
    answer_id = await in_database(lambda: Conversation.objects.get(pk=chat.pk).leaf_id)
    below = (
        "",
        "/messages",
        f"/messages/{answer_id}",
        f"/messages/{answer_id}?as=markdown",
        "/delete",
        "/approvals",
        "/artifacts",
    )
    for client in (bob_client, charlie_client):
        for path in below:
            page = await get(client, f"/c/{chat.pk}{path}")
            assert page.status_code == 404, path
            assert HIDDEN in page.text
        for path, fields in (
            ("", {"text": "hi"}),
            ("/rename", {"title": "x"}),
            ("/delete", {}),
            ("/stop", {}),
            ("/continue", {}),
        ):
            assert (await form(client, f"/c/{chat.pk}{path}", **fields)).status_code == 404, path
        assert "own &lt;chat" not in (await get(client, "/conversations")).text
    for path in below:
        assert (await get(alice_client, f"/c/{chat.pk}{path}")).status_code == 200, path


async def test_every_page_asks_for_a_sign_in(anonymous: httpx.AsyncClient, chat: Conversation) -> None:
    for path in ("/", "/conversations", f"/c/{chat.pk}", f"/c/{chat.pk}/messages", f"/c/{chat.pk}/delete"):
        page = await anonymous.get(path)
        assert page.status_code == 302, path
        assert page.headers["location"].startswith("/sign-in?next=")


async def test_a_form_without_its_token_does_nothing(alice_client: Client, chat: Conversation) -> None:
    async with alice_client.rest() as rest:
        page = await rest.post(f"/c/{chat.pk}/delete", headers={"X-CSRFToken": ""})
    assert page.status_code == 403
    assert "This form is out of date" in page.text
    assert (await get(alice_client, f"/c/{chat.pk}")).status_code == 200


async def test_forms_ask_rename_and_delete(alice_client: Client) -> None:
    asked = await form(alice_client, "/", text="By form. [[tokens=5]]")
    assert asked.status_code == 302
    address = asked.headers["location"]
    await form(alice_client, f"{address}/rename", title="  New \x1b  name ")
    assert '<h1 class="truncate" dir="auto" id="chat-title">New name</h1>' in (await get(alice_client, address)).text
    assert (await form(alice_client, f"{address}/delete")).headers["location"] == "/"
    assert (await get(alice_client, address)).status_code == 404


async def test_a_refused_question_is_given_back(alice_client: Client) -> None:
    page = await form(alice_client, "/", text="Kept words", model="no such model")
    assert page.status_code == 422
    assert "Kept words</textarea>" in page.text
    assert "no such model" in page.text


async def test_a_fragment_holds_what_follows_a_message(alice_client: Client, chat: Conversation) -> None:
    question_id = await in_database(lambda: chat.messages.get(role="user").pk)
    fragment = (await get(alice_client, f"/c/{chat.pk}/messages?after={question_id}")).text
    assert "It <em>is</em>" in fragment
    assert "What" not in fragment
    assert "<html" not in fragment


async def test_an_answer_is_copied_as_it_was_written(alice_client: Client, chat: Conversation) -> None:
    leaf = await in_database(lambda: Conversation.objects.get(pk=chat.pk).leaf_id)
    copied = await get(alice_client, f"/c/{chat.pk}/messages/{leaf}?as=markdown")
    assert copied.text == "It *is*."
    assert copied.headers["content-type"].startswith("text/plain")


def test_an_answer_s_tokens_are_told_only_where_every_part_told_them() -> None:
    message = Message(role="assistant")

    def turn(*usages: dict[str, float | None]) -> thread.Turn:
        return thread.Turn(message, timezone.now(), [Run(status="complete", usage=usage) for usage in usages])

    told: dict[str, float | None] = {"completion_tokens": 20, "cost": 0.5}
    stopped: dict[str, float | None] = {"completion_tokens": 0, "cost": None}
    assert (turn(told, told).tokens, turn(told, told).cost) == (40, 1.0)
    assert (turn(stopped, told).tokens, turn(stopped, told).cost) == (0, None)
    assert (turn().tokens, turn().cost) == (0, None)


async def test_one_token_is_counted_in_the_singular(alice_client: Client, chat: Conversation, alice: User) -> None:
    def run(tokens: int) -> Run:
        times = dict.fromkeys(("started_at", "ended_at"), timezone.now())
        return Run.objects.create(
            conversation=chat,
            answer=Message.objects.get(conversation=chat, role="assistant"),
            person=alice,
            model="Stand-in",
            status="complete",
            usage={"completion_tokens": tokens},
            **times,
        )

    await in_database(run, 1)
    assert "1 token<" in (await get(alice_client, f"/c/{chat.pk}")).text
    await in_database(run, 1)
    assert "2 tokens<" in (await get(alice_client, f"/c/{chat.pk}")).text


async def test_the_policy_forbids_inline_script_and_the_page_has_none(alice_client: Client, chat: Conversation) -> None:
    for path in ("/", f"/c/{chat.pk}", "/nothing-here"):
        page = await get(alice_client, path)
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page.text), path


async def test_it_opens_with_few_questions_to_the_database(alice: User, galaxy: object) -> None:
    def count() -> int:
        for number in range(30):
            Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title=str(number))
        with CaptureQueriesContext(connection) as queries:
            sidebar.listing(alice, timezone.now())
        return len(queries)

    assert await in_database(count) == 2  # the grants, then the rows: see accounts.access.grant_policy


def test_a_title_that_was_cut_says_so() -> None:
    assert first_words("  Short,\nsecond line") == "Short,"
    assert first_words("What does the colour of the sky, and that of the sea, mean for us") == (
        "What does the colour of the sky, and that of the sea, mean…"
    )
    assert first_words("x" * 80) == "x" * 60 + "…"


def test_days_have_names_for_a_week() -> None:
    today = date(2026, 11, 20)  # a Friday
    titles = [sidebar.day_title(today - timedelta(days=age), today) for age in (-1, 0, 1, 2, 6, 7, 400)]
    assert titles == ["Today", "Today", "Yesterday", "Wednesday", "Saturday", "Earlier", "Earlier"]


async def test_the_list_is_paged_without_holes_or_doubles(alice: User, galaxy: object) -> None:
    def pages() -> list[UUID]:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        rows = [Conversation(owner=alice, tenant_id=alice.tenant_id, updated_at=moment) for _ in range(25)]
        made = {row.pk for row in Conversation.objects.bulk_create(rows)}
        seen, before = [], ""
        while True:
            page = sidebar.listing(alice, moment, before=before, count=10)
            seen += [row.pk for group in page.groups for row in group.rows]
            before = page.before
            if not before:
                assert set(seen) == made
                return seen

    seen = await in_database(pages)
    assert len(seen) == len(set(seen)) == 25


async def test_a_broken_cursor_gives_the_first_page(alice_client: Client, chat: Conversation) -> None:
    moments = ("yesterday", "2026-01-01", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2300-01-01T00:00:00Z")
    for cursor in ("x", "2026-01-01_x", *(f"{moment}_{uuid4()}" for moment in moments)):
        for path in ("/conversations", "/"):
            page = await get(alice_client, f"{path}?before={cursor}&count=-5")
            assert page.status_code == 200, (path, cursor)
            assert "own &lt;chat" in page.text, (path, cursor)


async def test_an_address_of_the_asking_page_that_is_none_gives_the_list(alice_client: Client, chat: Conversation) -> None:
    async with alice_client.rest() as rest:
        for address in ("http://[::1/c/x", "http://[bad", f"//x:99999999/c/{chat.pk}", "\\x00"):
            page = await rest.get("/conversations", headers={"HX-Request": "true", "HX-Current-URL": address})
            assert page.status_code == 200, address
            assert "own &lt;chat" in page.text, address


async def test_a_senseless_count_gives_a_page(alice_client: Client, chat: Conversation) -> None:
    for count in ("9" * 5000, "\u00b2", "9999", "0", "-1", ""):
        page = await get(alice_client, f"/conversations?count={count}")
        assert page.status_code == 200, count
        assert "own &lt;chat" in page.text, count


def test_the_picker_knows_what_runs_on_this_machine() -> None:
    def model(name: str, url: str) -> ModelConfig:
        return ModelConfig(name=name, provider="openai", model=name, base_url=url)

    models = [model("a", "http://127.0.0.1:11434"), model("b", "https://api.example.com/v1"), model("c", "http://[::1]:1")]
    found = picker.picker(models, "b")
    assert [choice.name for choice in found.local] == ["a", "c"]
    assert [choice.name for choice in found.remote] == ["b"]
    assert found.chosen == "b"
    assert picker.picker(models, "gone").chosen == "a"
    assert picker.picker([]).is_empty


async def test_a_question_says_whose_it_is_to_everybody_but_who_asked_it(
    alice_client: Client, bob_client: Client, alice: User, bob: User, chat: Conversation
) -> None:
    def ask_for_bob() -> str:
        Grant.objects.create(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=str(chat.pk))
        leaf = Conversation.objects.get(pk=chat.pk).leaf
        question = Message.objects.create(conversation=chat, parent=leaf, role="user", parts=[Text("And then?")])
        answer = Message.objects.create(conversation=chat, parent=question, role="assistant", parts=[Text("So.")])
        Run.objects.create(conversation=chat, answer=answer, person=bob, status="complete")
        Conversation.objects.filter(pk=chat.pk).update(leaf=answer)
        return str(question.pk)

    def askers(page: httpx.Response) -> list[str]:
        return re.findall(r'<article class="message user"[^>]*>\s*<h2[^>]*>([^<]*)</h2>', page.text)

    asked = await in_database(ask_for_bob)
    assert askers(await get(alice_client, f"/c/{chat.pk}"))[:2] == ["You", bob.display_name]
    for path in ("", "/messages"):
        assert askers(await get(bob_client, f"/c/{chat.pk}{path}"))[:2] == [alice.display_name, "You"]
    assert askers(await get(alice_client, f"/c/{chat.pk}/messages/{asked}")) == [bob.display_name]


def test_an_answer_that_ends_while_its_page_is_made_is_there_with_its_words(galaxy: Galaxy, alice: User) -> None:
    talk = Conversation.objects.create(tenant=alice.tenant, owner=alice, title="Ends", model="Stand-in")
    answer = Message.objects.create(conversation=talk, role="assistant", model="Stand-in")
    run = Run.objects.create(conversation=talk, answer=answer, person=alice, model="Stand-in", status="running")
    talk.leaf = answer
    talk.save()

    ended: list[str] = []

    def ends_first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  Django's
        if 'FROM "chat_run"' in sql and not ended:
            ended.append(sql)
            Message.objects.filter(pk=answer.pk).update(parts=[Text("Said.")])
            Run.objects.filter(pk=run.pk).update(status="complete", finish_reason="stop", ended_at=timezone.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(ends_first):
        turn = thread.turns(talk, UTC)[0]
    assert (turn.state, turn.message.text) == ("complete", "Said.")
    assert "Said." in turn.html
