"""An answer that waits for decisions: each device asks and says who decided, and a chat that waits is seen from elsewhere."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page, Request, expect

from accounts.models import Grant, User
from tests.browser.steps import axe_clean
from tests.client import Client
from tests.people import session_of
from tests.scripted import ScriptedRun, call
from tests.stack import Galaxy

CARD = "Your decision is needed"
GIVEN = json.dumps({"room": "bath", "times": 2, "wet": True, "tools": ["mop"]})


class Asking(ScriptedRun):
    """A run that waits for these calls."""

    calls: list[str]


def asking(person: User, count: int = 2) -> Asking:
    run = Asking(person, "Cleaning")
    calls = [call(f"{run.run.pk.hex[-6:]}{place}", f"clean{place}", arguments=GIVEN) for place in range(count)]
    run.tell("tool_selection", f"Calling {count} tools", calls=calls)
    run.wait(*calls, expires=timedelta(hours=5, minutes=1))
    run.calls = [one["call_id"] for one in calls]
    return run


def decide(galaxy: Galaxy, person: User, call_id: str, decision: str) -> int:
    client = Client(galaxy.base_url, session_of(person))
    path = f"{galaxy.base_url}/api/tool-calls/{call_id}/decision"
    return httpx.post(path, json={"decision": decision}, headers=client.headers, timeout=20).status_code


def test_each_call_asks_and_a_decision_elsewhere_says_whose_it_was(
    page: Page, phone: Page, galaxy: Galaxy, alice: User, bob: User
) -> None:
    run = asking(alice)
    Grant.objects.create(tenant=alice.tenant, person=bob, action="write", kind="conversation", target=str(run.chat.pk))
    page.goto(run.path)
    cards = page.get_by_role("region", name=CARD)
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("1 of 2")
    expect(cards.first).to_contain_text("5 h left")
    expect(cards.first).to_contain_text("bath")
    expect(cards.first).not_to_contain_text("{")
    axe_clean(page)
    cards.last.get_by_text("Edit or explain").click()
    field = cards.last.get_by_label("room")
    field.fill("kitchen")
    assert decide(galaxy, bob, run.calls[0], "deny") == httpx.codes.NO_CONTENT
    expect(page.locator("[data-decided]")).to_contain_text(f"{bob.display_name} did not allow Clean0.")
    expect(cards).to_have_count(1)
    expect(field).to_have_value("kitchen")  # what is being written stays
    phone.goto(run.path)
    expect(phone.get_by_role("region", name=CARD)).to_have_count(1)
    expect(phone.locator("[data-decided]")).to_be_visible()
    axe_clean(phone)
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_edited_arguments_and_words_go_along(page: Page, alice: User) -> None:
    run = asking(alice)
    sent: list[Any] = []

    def note(request: Request) -> None:
        if "/decision" in request.url:
            sent.append(request.post_data_json)

    page.on("request", note)
    page.route("**/decision", lambda route: route.fulfill(status=204))
    page.goto(run.path)
    first, second = [page.locator(f"#approval-{one}") for one in run.calls]
    with page.expect_request("**/decision"):
        first.get_by_role("button", name="Allow once").click()
    first.get_by_text("Edit or explain").click()
    first.get_by_label("room").fill("kitchen")
    first.get_by_label("times").fill("3")
    first.get_by_label("wet").uncheck()
    first.get_by_label("tools").fill('["mop"')
    first.get_by_role("button", name="Always").click()
    expect(first.get_by_label("tools")).to_be_focused()  # no JSON yet: nothing is sent
    first.get_by_label("tools").fill('["mop", "pail"]')
    with page.expect_request("**/decision"):
        first.get_by_role("button", name="Always").click()
    second.get_by_text("Edit or explain").click()
    second.get_by_label("Why not").fill("Not today")
    second.get_by_label("Why not").press("d")  # a letter, while one writes
    second.get_by_label("Why not").press("Enter")  # allows nothing
    second.focus()
    with page.expect_request("**/decision"):
        page.keyboard.press("d")
    edited = {"room": "kitchen", "times": 3, "wet": False, "tools": ["mop", "pail"]}
    assert sent[0] == {"decision": "once"}
    assert (sent[1]["decision"], sent[1]["arguments"]) == ("always", edited)
    assert sent[2] == {"decision": "deny", "words": "Not todayd"}


def test_who_may_only_read_sees_what_is_asked_and_no_button(
    page: Page, alice: User, bob: User, open_context: Callable[..., BrowserContext]
) -> None:
    run = asking(alice, 1)
    Grant.objects.create(tenant=alice.tenant, person=bob, action="read", kind="conversation", target=str(run.chat.pk))
    reader = open_context(bob, viewport={"width": 1440, "height": 900}).new_page()
    reader.goto(run.path)
    expect(reader.get_by_role("region", name=CARD)).to_contain_text("Someone who may write in this chat has to decide.")
    expect(reader.get_by_role("region", name=CARD).get_by_role("button")).to_have_count(0)


def test_a_chat_that_waits_is_seen_from_every_page(page: Page, alice: User) -> None:
    page.goto("/")
    expect(page).to_have_title(re.compile("^New chat"))
    run = asking(alice)
    row = page.locator(f'[data-row="{run.chat.pk}"]')
    expect(row.get_by_role("img", name="Waiting for a decision")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    told = page.locator(".toast").filter(has_text="“Cleaning” waits for your decision")
    expect(told).to_be_visible()
    axe_clean(page)
    told.get_by_role("link", name="Open").click()
    expect(page.get_by_role("region", name=CARD)).to_have_count(2)
    expect(page).to_have_title(re.compile(r"^\(1\) Cleaning"))
    expect(page.locator(".toast")).to_have_count(0)
