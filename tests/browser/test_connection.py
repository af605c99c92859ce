"""Losing the connection loses nothing: neither what is coming nor what was written."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from accounts import notices
from accounts.models import User
from tests.browser.conftest import Complaints
from tests.browser.steps import CHAT, answers, ask, axe_clean, until_done, words_of
from tests.browser.wire import Wire
from tests.stack import Galaxy

ENDED = "Your sign-in has ended."


def test_a_cut_is_said_quietly_and_the_answer_goes_on(page: Page) -> None:
    wire = Wire(page)
    page.goto("/")
    ask(page, "Cut me. [[tokens=300 rate=40]]")
    expect(page.locator(".answer p").first).to_be_visible()
    wire.cut()
    line = page.locator("[data-connection]")
    expect(line).to_have_text(re.compile("Reconnecting. Your answer goes on."))
    wire.mend()
    expect(line).to_have_text(re.compile(r"Connected. \d+ words? came in meanwhile."), timeout=30_000)
    expect(line).to_be_hidden(timeout=5000)
    streamed = words_of(until_done(page))
    page.reload()
    assert words_of(answers(page).last) == streamed


def test_a_message_written_without_a_connection_is_sent_when_it_is_back(page: Page) -> None:
    wire = Wire(page)
    page.goto("/")
    ask(page, "Hello. [[tokens=5]]")
    until_done(page)
    wire.cut()
    ask(page, "Written in a tunnel. [[tokens=5]]")
    expect(page.locator(".bubble.waiting")).to_contain_text("Sends when the connection is back")
    wire.mend()
    until_done(page, 2)
    page.reload()
    expect(page.locator(".bubble")).to_have_count(2)
    expect(page.locator(".bubble").last).to_have_text(re.compile("Written in a tunnel"))


def test_a_waiting_message_survives_a_reload(page: Page) -> None:
    wire = Wire(page)
    page.goto("/")
    page.wait_for_timeout(300)
    wire.cut()
    ask(page, "Kept. [[tokens=5]]")
    expect(page.locator(".bubble.waiting")).to_be_visible()
    page.reload()
    expect(page.locator(".bubble.waiting")).to_contain_text("Kept.")
    wire.mend()
    until_done(page)
    expect(page).to_have_url(CHAT)


def test_after_long_it_counts_down_and_can_be_tried_at_once(page: Page) -> None:
    page.clock.install()
    wire = Wire(page)
    page.goto("/")
    page.wait_for_timeout(300)
    wire.cut()
    page.clock.run_for(25_000)
    line = page.locator("[data-connection]")
    expect(line).to_have_text(re.compile(r"No connection to Galaxy, next try in \d+ s"))
    wire.mend()
    line.get_by_role("button", name="Try now").click()
    page.clock.run_for(1000)
    expect(line).to_have_text(re.compile("Connected"))


def test_a_draft_survives_a_reload_and_belongs_to_its_chat(page: Page) -> None:
    page.goto("/")
    ask(page, "Hello. [[tokens=5]]")
    until_done(page)
    page.get_by_role("textbox", name="Message").fill("half a thou")
    chat = page.url
    page.goto("/")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    page.goto(chat)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("half a thou")


def test_a_session_that_ended_is_said_and_leads_to_sign_in_and_back(
    open_context: Callable[..., BrowserContext], alice: User, complaints: Complaints
) -> None:
    complaints.expected += ("status of 401",)
    page = open_context(alice).new_page()
    page.goto("/")
    page.context.clear_cookies()
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    page.context.set_offline(False)
    expect(page.locator("[data-connection]")).to_contain_text(ENDED, timeout=30_000)
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(re.compile(r"/sign-in\?next=/$"))


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "json": {"error": {"code": "not_signed_in"}}},
        {"status": 302, "headers": {"Location": "https://proxy.example/sign-in"}},
        {"status": 200, "content_type": "text/html", "body": "<h1>Sign in to the proxy</h1>"},
        {"status": 403, "content_type": "text/html", "body": "<h1>Sign in to the proxy</h1>"},
    ],
    ids=["401", "redirect", "page", "forbidden page"],
)
def test_a_handshake_refused_as_the_sign_in_at_the_proxy_ended_is_said(
    page: Page, complaints: Complaints, answer: dict[str, Any]
) -> None:
    complaints.expected += (r"status of 40[13]",)
    wire = Wire(page)
    wire.cut()
    page.route("**/api/me", lambda route: route.fulfill(**answer))
    page.goto("/")
    line = page.locator("[data-connection]")
    expect(line).to_contain_text(ENDED, timeout=30_000)
    page.get_by_role("textbox", name="Message").fill("half a thou")
    page.unroute("**/api/me")
    wire.mend()
    line.get_by_role("link", name="Sign in").click()
    expect(line).to_be_hidden(timeout=30_000)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("half a thou")


def test_a_proxy_that_does_not_reach_galaxy_ends_no_sign_in(page: Page, complaints: Complaints) -> None:
    complaints.expected += ("status of 502",)
    page.clock.install()
    wire = Wire(page)
    wire.cut()
    page.route("**/api/me", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"))
    with page.expect_response("**/api/me"):
        page.goto("/")
    page.clock.run_for(25_000)
    expect(page.locator("[data-connection]")).to_have_text(re.compile(r"No connection to Galaxy, next try in \d+ s"))


def test_a_request_refused_as_the_session_ended_is_said_where_the_socket_lives_on(
    page: Page, complaints: Complaints, alice: User
) -> None:
    complaints.expected += ("status of 401",)
    page.goto("/")
    ask(page, "Hello. [[tokens=5]]")
    until_done(page)
    page.route("**/messages?after=*", lambda route: route.fulfill(status=401))
    notices.notify(notices.person(alice.pk), "conversations")
    expect(page.locator("[data-connection]")).to_contain_text(ENDED, timeout=30_000)
    expect(page).to_have_url(CHAT)


def test_a_socket_closed_as_not_signed_in_is_opened_once_more(page: Page) -> None:
    tries: list[WebSocketRoute] = []

    def connect(route: WebSocketRoute) -> None:
        tries.append(route)
        if len(tries) == 1:
            route.close(code=4401)
        else:
            route.connect_to_server()

    page.route_web_socket(re.compile("/ws/chat"), connect)
    page.goto("/")
    page.evaluate("window.isSamePage = true")
    ask(page, "Hello. [[tokens=5]]")
    until_done(page)
    assert page.evaluate("window.isSamePage")
    assert len(tries) == 2


def test_where_sockets_are_switched_off_requests_carry_the_chat(page: Page) -> None:
    page.route_web_socket(re.compile("/ws/chat"), lambda route: route.close(code=4503))
    page.goto("/")
    page.evaluate("window.isSamePage = true")
    ask(page, "By requests then. [[tokens=100 rate=40]]")
    expect(page).to_have_url(CHAT)
    expect(until_done(page)).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(1)
    expect(page.locator("[data-connection]")).to_be_hidden()  # the operator wants it so: there is nothing to say
    assert page.evaluate("window.isSamePage")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_is_said_about_an_ended_sign_in_fits_a_phone_and_is_read_by_all(
    phone: Page, galaxy: Galaxy, complaints: Complaints, theme: str
) -> None:
    complaints.expected += ("status of 401",)
    phone.context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    wire = Wire(phone)
    wire.cut()
    phone.route("**/api/me", lambda route: route.fulfill(status=401))
    phone.goto("/")
    expect(phone.locator("[data-connection]")).to_contain_text(ENDED, timeout=30_000)
    axe_clean(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    line, link = phone.locator("[data-connection]").bounding_box(), phone.get_by_role("link", name="Sign in").bounding_box()
    assert line
    assert link
    assert 0 <= line["x"] <= link["x"]
    assert link["x"] + link["width"] <= line["x"] + line["width"] <= 390
    assert link["height"] >= 24  # what a finger hits (WCAG 2.5.8)
