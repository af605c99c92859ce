"""What a person does on a chat page, and what they see."""

import re

from playwright.sync_api import Locator, Page, expect

CHAT = re.compile(r"/c/[0-9a-f-]{36}$")


def ask(page: Page, words: str) -> None:
    """Write and send."""
    page.get_by_role("textbox", name="Message").fill(words)
    page.keyboard.press("Enter")


def answers(page: Page) -> Locator:
    """The answers of the thread."""
    return page.locator(".message.answer")


def until_done(page: Page, count: int = 1) -> Locator:
    """Wait until that many answers have ended; gives the last."""
    expect(page.locator(".answer .message-end")).to_have_count(count, timeout=30_000)
    expect(page.locator(".caret")).to_have_count(0)
    return answers(page).last


def words_of(answer: Locator) -> str:
    """The answer as one reads it."""
    return answer.locator(".prose").last.inner_text()
