"""Connected apps in a browser: one sees what they may, and sends them away after a second look."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.oauth import connected_apps
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tests.connected import let_in

Contexts = Callable[..., BrowserContext]


def test_an_app_is_sent_away_after_a_second_look(page: Page, alice: User, bob: User) -> None:
    client_id = f"https://desk.example/{alice.pk}"
    app = let_in(alice, client_id, "Desk helper", "chat:read", "profile:read")
    connected_apps.connect(bob, app)
    page.goto("/settings#apps")
    row = page.get_by_role("listitem").filter(has_text="Desk helper")
    expect(row).to_contain_text("An app of desk.example")
    expect(row).to_contain_text("never used")
    expect(row).to_contain_text("Read your chats")
    button = row.get_by_role("button", name="Disconnect Desk helper")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Disconnect Desk helper?")).to_be_visible()
    axe_clean(page)
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Disconnect Desk helper?")).to_be_hidden()
    expect(button).to_be_focused()
    assert connected_apps.of(alice)
    button.click()
    page.get_by_role("button", name="Disconnect for good").click()
    expect(page.get_by_text("The app is disconnected.")).to_be_visible()
    expect(page.get_by_text("No app is connected.")).to_be_visible()
    assert connected_apps.of(alice) == []
    assert bob.connected_apps.exists()


def test_on_a_phone_and_without_script(open_context: Contexts, alice: User) -> None:
    let_in(alice, f"x-{alice.pk}", "A name that goes on and on and on until the line is full", "chat:read", "chat:write")
    page = open_context(alice, **PHONE, java_script_enabled=False).new_page()
    page.goto("/settings#apps")
    expect(page.get_by_text("An app of the operator of this server")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="A name that goes on")
    box = row.bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE["viewport"]["width"]  # type: ignore[index]
    assert box["height"] < PHONE["viewport"]["height"] / 2  # type: ignore[index]
    row.get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect for good").click()
    expect(page.get_by_text("The app is disconnected.")).to_be_visible()
    assert connected_apps.of(alice) == []
