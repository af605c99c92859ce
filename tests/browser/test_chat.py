"""Asking and reading: the answer streams, survives a reload, shows in a second tab, can be stopped and continued."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from chat.models import Conversation
from tests.browser.conftest import Complaints
from tests.browser.steps import CHAT, answers, ask, requests_of, until_done, words_of
from tests.client import Client
from tests.people import session_of
from tests.stack import Galaxy

TABLE = """- a list

| Stop | When | Cost |
| --- | --- | ---: |
| Market | 09:00 | 0 |
| *Museum* | 11:00 | 12 |
| River walk | 14:00 | 0 |

Words that follow it, and some more of them.
"""


def test_an_answer_streams_into_the_page_of_a_new_chat(page: Page) -> None:
    page.goto("/")
    page.evaluate("window.stayed = true")
    ask(page, "Why is the sky blue? [[sample=sky tokens=120 rate=60 reasoning=10]]")
    expect(page).to_have_url(CHAT)
    expect(page.locator(".caret")).to_be_visible()
    expect(answers(page)).to_have_attribute("aria-busy", "true")
    answer = until_done(page)
    expect(answer).not_to_have_attribute("aria-busy", "true")
    expect(answer.locator("h3, h4")).to_have_count(2)
    expect(answer.locator("table")).to_be_visible()
    expect(answer.locator(".thinking .steps-now")).to_have_text(re.compile("Thought for"))
    expect(page.get_by_role("navigation").get_by_role("link", name="Why is the sky blue?")).to_have_attribute(
        "aria-current", "page"
    )
    assert page.evaluate("window.stayed")
    expect(page).to_have_title(re.compile("Why is the sky blue"))


def test_a_table_grows_row_by_row_and_is_never_seen_as_bars(page: Page) -> None:
    page.goto("/")
    page.evaluate("""() => {
        window.bars = []; window.heights = [];
        const look = () => {
            const prose = document.querySelector(".prose");
            if (prose?.textContent.includes("|")) bars.push(prose.textContent);
            const table = prose?.querySelector(".table-scroll");
            if (table) heights.push(table.offsetHeight);
            if (table?.textContent.includes("Words")) bars.push("what follows the table");
            requestAnimationFrame(look);
        };
        look();
    }""")
    ask(page, f"[[text='{TABLE}' rate=20]]")
    expect(until_done(page).locator("table").first).to_be_visible()
    assert page.evaluate("bars") == []
    heights = page.evaluate("heights")
    assert heights == sorted(heights)
    assert len(set(heights)) > 2


def test_what_streamed_looks_as_it_does_after_a_reload(page: Page) -> None:
    page.goto("/")
    ask(page, "Show me all you can. [[tokens=400 rate=0]]")
    answer = until_done(page)
    streamed = answer.locator(".prose").inner_html()
    page.reload()
    assert answers(page).locator(".prose").inner_html() == streamed


def test_a_reload_in_the_middle_loses_and_doubles_nothing(page: Page) -> None:
    page.goto("/")
    ask(page, "A long one. [[tokens=200 rate=60]]")
    expect(page.locator(".answer li").first).to_be_visible()
    page.reload()
    expect(page.locator(".answer li").first).to_be_visible()
    streamed = words_of(until_done(page))
    page.reload()
    assert words_of(answers(page).last) == streamed


def test_a_second_tab_shows_the_same_live(page: Page) -> None:
    page.goto("/")
    ask(page, "For two tabs. [[tokens=160 rate=20]]")
    expect(page).to_have_url(CHAT)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".caret")).to_be_visible()
    streamed = words_of(until_done(other))
    until_done(page)
    page.bring_to_front()
    expect(answers(page).locator(".prose")).to_have_text(streamed, use_inner_text=True)
    ask(page, "And another. [[tokens=20 rate=40]]")
    expect(other.locator(".bubble").last).to_have_text(re.compile("And another"))
    until_done(other, 2)


def test_a_second_tab_shows_the_new_name_and_the_new_chat(page: Page, alice: User) -> None:
    chat = Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="Of one name")
    page.goto(f"/c/{chat.pk}")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="More for this chat").click()
    other.get_by_role("link", name="Rename", exact=True).click()
    other.get_by_label("Name", exact=True).fill("Of $& another")
    other.keyboard.press("Enter")
    for tab in (other, page):
        expect(tab.get_by_role("link", name="Of $& another")).to_be_visible()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Of $& another")
        expect(tab).to_have_title(re.compile(r"^Of \$& another · "))
    other.goto("/")
    ask(other, "Begun beside. [[tokens=3]]")
    expect(page.get_by_role("link", name=re.compile("Begun beside"))).to_be_visible()


def test_a_chat_that_was_deleted_elsewhere_says_so(page: Page, complaints: Complaints, galaxy: Galaxy, alice: User) -> None:
    complaints.expected += ("404",)
    page.goto("/")
    ask(page, "Here and gone. [[tokens=3]]")
    until_done(page)
    elsewhere = Client(galaxy.base_url, session_of(alice))
    address = page.url.replace("/c/", "/api/conversations/")
    assert httpx.delete(address, headers=elsewhere.headers, timeout=20).status_code == httpx.codes.NO_CONTENT
    told = page.get_by_role("alert").filter(has_text="This chat is no longer here")
    expect(told).to_contain_text("Go on in a new chat.", timeout=12_000)


def test_a_chat_deleted_from_its_own_page_is_not_looked_for(page: Page) -> None:
    page.goto("/")
    ask(page, "Deleted here. [[tokens=3]]")
    until_done(page)
    looked = requests_of(page, "/messages?after=")
    page.get_by_role("button", name="More for this chat").click()
    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_text("“Deleted here. [[tokens=3]]” deleted")).to_be_visible()
    assert looked == []


def test_a_chat_that_is_gone_is_said_so_to_who_asks_in_it_until_it_is_back(
    page: Page, open_context: Callable[..., BrowserContext], alice: User, complaints: Complaints
) -> None:
    complaints.expected += ("404",)
    page.goto("/")
    ask(page, "Gone and back. [[tokens=3]]")
    until_done(page)
    other = open_context(alice).new_page()
    other.goto(page.url)
    other.get_by_role("button", name="More for this chat").click()
    other.get_by_role("link", name="Delete").click()
    told = page.get_by_role("alert").filter(has_text="This chat is no longer here")
    expect(told).to_be_visible(timeout=12_000)
    ask(page, "Still there?")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Still there?")
    expect(told).to_be_visible()
    other.get_by_role("button", name="Undo").click()
    expect(told).to_be_hidden(timeout=12_000)
    page.keyboard.press("Enter")
    until_done(page, 2)


def test_escape_stops_and_continue_goes_on(page: Page) -> None:
    page.goto("/")
    ask(page, "Stop me. [[tokens=400 rate=30]]")
    expect(page.locator(".answer p").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile(r"You stopped this answer after \d+ s"))).to_be_visible()
    before = words_of(answers(page).last)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    page.get_by_role("button", name="Stop the answer").click()
    expect(page.locator(".message-end")).to_be_visible()
    expect(page.locator(".answer .prose")).to_have_count(1)
    assert words_of(answers(page).last).startswith(before[:40])


def test_a_second_tab_sees_an_answer_continued(page: Page) -> None:
    page.goto("/")
    ask(page, "Stop and go. [[tokens=1500 rate=15]]")
    expect(page.locator(".answer p").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(other.get_by_role("button", name="Stop the answer")).to_be_visible()
    other.get_by_role("button", name="Stop the answer").click()
    expect(page.get_by_role("button", name="Continue", exact=True)).to_be_visible()


def test_a_failed_answer_says_so_and_can_be_tried_again(page: Page) -> None:
    page.goto("/")
    ask(page, "Break. [[tokens=60 fault=cut@20]]")
    banner = page.locator(".banner.danger")
    expect(banner).to_contain_text("The answer could not be finished")
    expect(banner.get_by_role("button", name="Continue", exact=True)).to_be_visible()
    expect(page.locator(".answer .prose")).not_to_be_empty()


def test_an_end_that_cannot_be_fetched_is_said(page: Page, complaints: list[str]) -> None:
    page.route(re.compile(r"/c/[^/]+/messages/[^/?]+$"), lambda route: route.fulfill(status=500))
    page.goto("/")
    ask(page, "Hello. [[tokens=5]]")
    expect(page.locator(".toast")).to_contain_text("Reload the page")
    expect(page.locator(".answer .prose")).not_to_be_empty()
    complaints[:] = [one for one in complaints if "500" not in one]  # what was asked for


def test_a_toast_leaves_the_composer_free(page: Page) -> None:
    for number in (1, 2):
        page.goto("/")
        ask(page, f"Chat {number}. [[tokens=5]]")
        until_done(page)
    page.get_by_role("link", name="Chat 1.").hover()
    page.get_by_role("button", name=re.compile("More for Chat 1")).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    toast, composer = page.locator(".toast").bounding_box(), page.locator(".composer").bounding_box()
    assert toast
    assert composer
    assert toast["y"] + toast["height"] <= composer["y"]


def test_a_further_message_waits_for_the_running_answer(page: Page) -> None:
    page.goto("/")
    ask(page, "First. [[tokens=300 rate=30]]")
    expect(page.locator(".answer p").first).to_be_visible()
    ask(page, "Second. [[tokens=10]]")
    expect(page.locator(".bubble.waiting")).to_contain_text("Sends when the running answer is done")
    until_done(page, 2)
    expect(page.locator(".bubble.waiting")).to_have_count(0)
    expect(page.locator(".bubble")).to_have_count(2)


def test_a_waiting_message_can_be_taken_back(page: Page) -> None:
    page.goto("/")
    ask(page, "First. [[tokens=300 rate=30]]")
    expect(page.locator(".answer p").first).to_be_visible()
    ask(page, "Not this")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Not this")
    until_done(page)
    expect(page.locator(".bubble")).to_have_count(1)


def test_somebody_else_s_chat_does_not_exist(
    page: Page, open_context: Callable[..., BrowserContext], charlie: User, bob: User
) -> None:
    page.goto("/")
    ask(page, "A secret of mine. [[tokens=5]]")
    until_done(page)
    for stranger in (bob, charlie):
        theirs = open_context(stranger, java_script_enabled=False).new_page()
        response = theirs.request.get(page.url)
        assert response.status == 404
        assert "This page does not exist" in response.text()
        assert "secret" not in response.text()


def test_thoughts_that_only_their_end_tells_of_leave_the_answer_while_it_streams(page: Page) -> None:
    page.goto("/")
    ask(page, "[[play=think_closed_only]]")
    answer = until_done(page)
    expect(answer.locator(".prose")).to_have_text(re.compile(r"^\s*Hello world\s*$"))
    expect(answer.locator(".thinking-text")).to_contain_text("Hm, so.")


def test_an_answer_without_a_word_says_so_and_can_be_tried_again(page: Page) -> None:
    page.goto("/")
    ask(page, "[[play=done_alone]]")
    banner = page.locator(".banner.danger")
    expect(banner).to_contain_text("The model gave no answer")
    expect(banner.get_by_role("button", name="Try again", exact=True)).to_be_visible()
