"""The chat where no socket can be had: behind a proxy that passes none, and where the operator switched them off."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.storage import hints
from tests.browser.conftest import Complaints
from tests.browser.hearing import RECORD, until_told
from tests.browser.middlemen import Middleman, middleman
from tests.browser.steps import CHAT, answers, ask, until_done, words_of
from tests.stack import Galaxy

Open = Callable[..., BrowserContext]


@pytest.fixture
def proxy(galaxy: Galaxy) -> Iterator[Middleman]:
    """One that passes no `Upgrade`."""
    with middleman(galaxy.port) as proxy:
        yield proxy


@pytest.fixture
def proxied(proxy: Middleman, open_context: Open, alice: User) -> Page:
    return open_context(alice, base_url=proxy.url).new_page()


def test_the_chat_goes_on_by_requests_where_a_proxy_passes_no_socket(galaxy: Galaxy, proxied: Page, alice: User) -> None:
    hints.clear(hints.NO_UPGRADE)
    proxied.goto("/")
    line = proxied.locator("[data-connection]")
    expect(line).to_have_text(re.compile("Connected without a socket"), timeout=30_000)
    proxied.evaluate(RECORD)
    until_told(proxied, alice, "devices")
    ask(proxied, "Stream. [[tokens=200 rate=20]]")
    expect(proxied.locator(".answer p").first).to_be_visible()  # drawn by the server, while it comes
    expect(proxied).to_have_url(CHAT)
    proxied.reload()  # in the middle
    expect(proxied.locator(".answer[data-run] [data-live]")).to_contain_text(re.compile(r"\w+"))
    proxied.get_by_role("button", name="Stop the answer").click()
    stopped = until_done(proxied)
    before = words_of(stopped)
    proxied.get_by_role("button", name="Continue", exact=True).click()
    expect(proxied.locator(".answer .message-end")).to_have_count(0)
    streamed = words_of(until_done(proxied))
    assert len(streamed) > len(before)
    ask(proxied, "Once more. [[tokens=5]]")
    until_done(proxied, 2)
    proxied.reload()
    assert words_of(answers(proxied).first) == streamed
    assert "127.0.0.1" in hints.kept(hints.NO_UPGRADE)
    assert "the chat went on without a socket" in galaxy.manage("doctor")


def test_the_socket_is_used_again_as_soon_as_it_passes(proxy: Middleman, proxied: Page) -> None:
    proxied.goto("/")
    expect(proxied.locator("[data-connection]")).to_have_text(re.compile("Connected without a socket"), timeout=30_000)
    ask(proxied, "Long. [[tokens=300 rate=20]]")
    expect(proxied.locator(".answer p").first).to_be_visible()
    proxy.passes_sockets = True
    with proxied.expect_websocket():
        proxied.evaluate("dispatchEvent(new Event('online'))")
    streamed = words_of(until_done(proxied))
    proxied.reload()
    assert words_of(answers(proxied).last) == streamed


def test_requests_that_fail_too_lose_nothing(proxy: Middleman, proxied: Page, complaints: Complaints) -> None:
    complaints.expected += ("net::ERR_",)
    proxied.goto("/")
    line = proxied.locator("[data-connection]")
    expect(line).to_have_text(re.compile("Connected without a socket"), timeout=30_000)
    ask(proxied, "Cut me. [[tokens=150 rate=20]]")
    expect(proxied.locator(".answer p").first).to_be_visible()
    proxy.cut()
    expect(line).to_have_text(re.compile("Reconnecting. Your answer goes on."), timeout=60_000)
    ask(proxied, "Written in a tunnel. [[tokens=5]]")
    proxy.mend()
    until_done(proxied, 2)
    proxied.reload()
    expect(proxied.locator(".bubble")).to_have_count(2)


def test_a_page_at_an_address_that_is_not_galaxys_says_what_to_set(
    galaxy: Galaxy, open_context: Open, alice: User, complaints: Complaints
) -> None:
    complaints.expected += ("status of 403",)
    with middleman(galaxy.port, renames=True) as proxy:
        page = open_context(alice, base_url=proxy.url).new_page()
        page.goto("/")
        line = page.locator("[data-connection]")
        expect(line).to_contain_text(f"A page of {proxy.url} sent this", timeout=30_000)
        expect(line).to_contain_text("PUBLIC_URL")
        tried = proxy.handshakes
        page.wait_for_timeout(3000)
        assert proxy.handshakes == tried <= 6  # a few tries, more of them where the page is slow to hear
    assert "a socket was refused" in galaxy.manage("doctor")
