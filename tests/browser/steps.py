"""Steps of a person on a chat page, and what they see."""

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Request, expect

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


def axe_clean(page: Page) -> None:
    """No serious or critical finding, once what opens is open."""
    page.wait_for_timeout(400)
    found = Axe().run(page).response["violations"]
    bad = [
        f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found if one["impact"] in ("serious", "critical")
    ]
    assert bad == [], json.dumps(bad, indent=1)


def requests_of(page: Page, words: str, method: str = "GET") -> list[str]:
    """The addresses with these words that the page asks for from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.method == method and words in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked
