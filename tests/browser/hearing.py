"""The notices that a page hears."""

from typing import Any

from playwright.sync_api import Page

from accounts import notices
from accounts.models import User

RECORD = """() => {
    window.told = [];
    for (const topic of ["runs", "conversations", "approvals", "models", "tools", "documents", "devices", "me"]) {
        document.body.addEventListener(`notice:${topic}`, ({ detail }) => window.told.push([topic, detail.id, detail.data]));
    }
}"""


def told(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("window.told.splice(0)")
    return found


def until_told(page: Page, person: User, topic: notices.Topic) -> None:
    """Tell the person's pages, until this one has heard."""
    for _ in range(100):
        notices.notify(notices.person(person.pk), topic)
        page.wait_for_timeout(200)
        if any(each[0] == topic for each in told(page)):
            return
    raise AssertionError(f"{topic} was never heard")
