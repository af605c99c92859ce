"""Open pages hear of what happens elsewhere, and ask for nothing while nothing happens."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Request, expect

from accounts import notices
from accounts.models import User
from chat.models import Conversation
from tests.browser.hearing import RECORD, told, until_told
from tests.browser.steps import CHAT, answers, ask, until_done, words_of
from tests.browser.test_layout import PAGES
from tests.browser.wire import Wire
from tests.people import session_of
from tests.stack import Galaxy

Open = Callable[..., BrowserContext]

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_what_is_done_on_one_device_shows_on_another(page: Page, open_context: Open, alice: User) -> None:
    page.goto("/")
    ask(page, "Begun at the desk. [[tokens=5]]")
    until_done(page)
    expect(page).to_have_url(CHAT)
    other = open_context(alice).new_page()
    other.goto(page.url)
    other.evaluate(RECORD)
    until_told(other, alice, "devices")
    ask(page, "And on. [[tokens=100 rate=20]]")
    expect(other.locator(".answer[data-run] [data-live] p").first).to_be_visible()  # it streams here, too
    expect(other.locator("[data-row] .spinner")).to_have_count(1)
    streamed = words_of(until_done(page, 2))
    assert words_of(until_done(other, 2)) == streamed
    expect(other.locator("[data-row] .spinner")).to_have_count(0)
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("A better name")
    page.keyboard.press("Enter")
    expect(other.locator("#chat-title")).to_have_text("A better name")
    ask(other, "From the couch. [[tokens=5]]")
    expect(answers(page)).to_have_count(3)
    until_done(page, 3)


def test_a_page_that_no_one_looks_at_holds_notices_and_one_that_was_away_fetches_all(page: Page, alice: User) -> None:
    wire = Wire(page)
    page.goto("/")
    page.evaluate(RECORD)
    until_told(page, alice, "devices")
    page.evaluate(HIDE, True)
    for topic in ("documents", "tools", "documents", "devices", "documents"):
        notices.notify(notices.person(alice.pk), topic, id=topic)
        page.wait_for_timeout(300)
    assert told(page) == []
    page.evaluate(HIDE, False)
    page.wait_for_function("() => window.told.length > 2")
    assert sorted(each[0] for each in told(page)) == ["devices", "documents", "tools"]
    wire.cut()
    page.wait_for_timeout(300)
    wire.mend()
    page.wait_for_function("() => window.told.length >= 8", timeout=30_000)
    assert sorted(told(page)) == sorted([topic, None, None] for topic in notices.TOPICS)


def test_pages_on_which_nothing_happens_ask_for_nothing(galaxy: Galaxy, open_context: Open, alice: User) -> None:
    """All pages at once, for a minute: sockets ping, and nothing else goes out."""
    chat = Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="A chat")
    alice.is_staff = True
    alice.save(update_fields=["is_staff"])
    context = open_context(alice)
    context.add_cookies([{"name": "galaxy_session", "value": session_of(alice, is_fresh=True), "url": galaxy.base_url}])
    asked: list[str] = []

    def opened(address: str) -> Page:
        page = context.new_page()
        page.goto(address.format(chat=chat.pk))
        page.wait_for_load_state("networkidle")
        return page

    pages = [opened(address) for address in (*PAGES[:3], *PAGES[4:], "/admin/", "/admin/accounts/user/")]
    stranger = open_context().new_page()
    stranger.goto("/sign-in")
    stranger.wait_for_timeout(5_000)  # icons come last

    def note(request: Request) -> None:
        asked.append(f"{request.method} {request.url} by {request.frame.page.url}")

    for each in (*pages, stranger):
        each.on("request", note)
    pages[0].wait_for_timeout(60_000)
    assert asked == []
    assert all(re.match(galaxy.base_url, each.url) for each in pages)
