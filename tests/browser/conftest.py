"""A real browser on the running installation. A page that writes an error to its console fails its test."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from accounts.models import User
from tests.people import session_of
from tests.stack import Galaxy

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}

# What the policy forbade is an error of the page wherever it came from.
WATCH = """addEventListener("securitypolicyviolation", ({ violatedDirective: rule, blockedURI: address }) =>
    console.error(`${rule} forbids ${address}`))"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread, beside the fixtures' queries
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


class Complaints(list[str]):
    """Complaints of pages. Some tests cut the network on purpose, which is not counted."""

    expected: tuple[str, ...] = (
        "ERR_INTERNET_DISCONNECTED",
        "WebSocket connection",
        "ERR_CONNECTION_REFUSED",
        "ERR_NETWORK",
        "htmx:error: Failed to fetch",
    )

    def __call__(self, message: ConsoleMessage) -> None:
        complaint = f"{message.text} ({message.location.get('url')})"
        if message.type in ("error", "warning") and not any(re.search(words, complaint) for words in self.expected):
            self.append(complaint)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def open_context(browser: Browser, galaxy: Galaxy, complaints: Complaints) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser profile, signed in as the person where one is given."""
    with contextlib.ExitStack() as stack:

        def opened(person: User | None = None, **options: Any) -> BrowserContext:
            context = browser.new_context(**{"base_url": galaxy.base_url} | options)
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            context.on("console", complaints)
            context.add_init_script(WATCH)
            context.on("weberror", lambda error: complaints.append(str(error.error)))
            if person:
                context.add_cookies([{"name": "galaxy_session", "value": session_of(person), "url": galaxy.base_url}])
            return context

        yield opened
    assert complaints == []


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], alice: User) -> Page:
    """Alice at her desk."""
    return open_context(alice, viewport={"width": 1440, "height": 900}).new_page()


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext], alice: User) -> Page:
    """Alice on her phone."""
    return open_context(alice, **PHONE).new_page()
