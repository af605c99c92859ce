"""An operator without a password makes a change late: a new link is asked for, and the change is made."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from accounts.models import SignInLink, User
from tests.browser.steps import axe_clean

Contexts = Callable[..., BrowserContext]


def test_the_change_is_made_once_a_link_was_shown(open_context: Contexts, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    page = open_context(alice, viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"/admin/accounts/user/{bob.pk}/change/")
    page.get_by_label("Name", exact=True).fill("Bob Baker")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your change is kept")).to_be_visible()
    axe_clean(page)
    page.get_by_label("Sign-in link").fill(f"/sign-in/link/{SignInLink.issue(alice)}")
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    bob.refresh_from_db()
    assert bob.name == "Bob Baker"


def test_the_note_about_a_password_goes_away_when_asked(open_context: Contexts, alice: User) -> None:
    page = open_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"/sign-in/link/{SignInLink.issue(alice)}")
    page.get_by_role("button").first.click()
    note = page.get_by_text("You signed in with a link and have no password yet")
    expect(note).to_be_visible()
    axe_clean(page)
    page.get_by_role("button", name="Not now").click()
    expect(note).to_be_hidden()
    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    expect(note).to_be_hidden()
