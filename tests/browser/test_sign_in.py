"""Coming in: by link, by password, and what is said when neither works."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from accounts.models import SignInLink, User
from tests.browser.steps import axe_clean
from tests.visitor import PASSWORD

Contexts = Callable[..., BrowserContext]


def test_a_link_signs_in_once(open_context: Contexts, alice: User) -> None:
    link = f"/sign-in/link/{SignInLink.issue(alice)}"
    page = open_context().new_page()
    page.goto(link)
    axe_clean(page)
    page.goto(link)  # someone looked before
    expect(page.get_by_role("button", name=f"Sign in as {alice.email}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(f"Good .*, {alice.display_name}"))).to_be_visible()
    page.get_by_role("button", name=alice.display_name).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Galaxy Chat")).to_be_visible()


def test_a_used_link_tells_how_to_get_another(open_context: Contexts, alice: User, complaints: list[str]) -> None:
    link = f"/sign-in/link/{SignInLink.issue(alice)}"
    page = open_context().new_page()
    SignInLink.redeem(link.rpartition("/")[2])
    page.goto(link)
    expect(page.get_by_text("This link no longer works")).to_be_visible()
    expect(page.get_by_text("make link", exact=True)).to_be_visible()
    axe_clean(page)
    complaints[:] = [one for one in complaints if "403" not in one]  # the page's own status


def test_a_wrong_password_is_said_below_it_and_the_right_one_leads_on(
    open_context: Contexts, alice: User, complaints: list[str]
) -> None:
    alice.set_password("correct horse battery")
    alice.save()
    page = open_context().new_page()
    page.goto("/c/00000000-0000-0000-0000-000000000000")
    page.get_by_label("Email").fill(alice.email.upper())
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#password-error")).to_have_text(re.compile("do not match"))
    axe_clean(page)
    expect(page.get_by_label("Email")).to_have_value(alice.email.upper())
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    complaints[:] = [one for one in complaints if "404" not in one]  # the page's own status


def test_signing_in_leads_nowhere_else(open_context: Contexts, alice: User) -> None:
    alice.set_password("correct horse battery")
    alice.save()
    page = open_context().new_page()
    page.goto("/sign-in?next=//evil.example/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_be_visible()
    assert "evil" not in page.url


def test_who_forgot_their_password_is_told_what_to_do(open_context: Contexts) -> None:
    page = open_context().new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name="Forgotten?").press("Enter")
    asked = page.get_by_role("dialog", name="How to sign in again")
    expect(asked).to_contain_text("Ask an operator")
    axe_clean(page)
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()


def test_a_page_that_is_signed_out_says_why(open_context: Contexts, alice_with_password: User, fresh_count: None) -> None:
    page = open_context().new_page()
    page.goto("/sign-in")
    page.get_by_label("Email").fill(alice_with_password.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_be_visible()
    alice_with_password.is_active = False
    alice_with_password.save()
    page.get_by_role("link", name="Sign in").click()  # beside: your sign-in has ended
    told = page.get_by_text("Your account is suspended.")
    expect(told).to_be_visible()
    axe_clean(page)
