"""Security in a real browser: passkeys by its virtual authenticator, the app's picture, and pages that please axe."""

import re
import zipfile
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from accounts.people import invitations
from accounts.people.removal.receipt import is_genuine
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tests.issuer import Issuer
from tests.stack import Galaxy
from tests.visitor import PASSWORD, code_of

Contexts = Callable[..., BrowserContext]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

pytestmark = pytest.mark.usefixtures("fresh_count")


def with_device(page: Page) -> Page:
    """The page's browser has a device that makes and keeps passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def by_password(page: Page, person: User) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def forgotten(page: Page) -> None:
    """The browser is not signed in any more. It leaves first: a page that finds itself signed out goes to sign-in by itself."""
    page.goto("about:blank")
    page.context.clear_cookies()


def at_home(galaxy: Galaxy) -> str:
    """The address at which passkeys work."""
    return galaxy.base_url.replace("127.0.0.1", "localhost")


def test_a_passkey_is_added_and_signs_in_alone_and_as_second_factor(
    open_context: Contexts, galaxy: Galaxy, alice_with_password: User, complaints: list[str]
) -> None:
    page = with_device(open_context(base_url=at_home(galaxy)).new_page())
    by_password(page, alice_with_password)
    expect(page.locator("#message")).to_be_visible()
    page.goto("/settings/security")
    axe_clean(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("textbox", name="Name").fill("Desk")
    axe_clean(page)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    axe_clean(page)
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_role("listitem").filter(has_text="Desk")).to_be_visible()

    forgotten(page)
    page.goto("/sign-in")
    axe_clean(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#message")).to_be_visible()

    forgotten(page)
    by_password(page, alice_with_password)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    axe_clean(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.locator("#message")).to_be_visible()

    page.goto("/settings/security")
    page.get_by_role("button", name="Remove Desk").click()
    axe_clean(page)
    page.get_by_role("dialog", name="Remove Desk?").get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Remove Desk").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("The passkey is removed here")).to_be_visible()
    assert not Authenticator.objects.filter(user=alice_with_password).exists()
    forgotten(page)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey does not work here")).to_be_visible()
    complaints[:] = [one for one in complaints if "403" not in one]  # the page's own status


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("device", [{"viewport": {"width": 1440, "height": 900}}, PHONE], ids=["desk", "phone"])
def test_an_app_is_added_by_its_picture(
    open_context: Contexts, galaxy: Galaxy, alice_with_password: User, theme: str, device: dict[str, object]
) -> None:
    context = open_context(**device)
    context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    page = context.new_page()
    by_password(page, alice_with_password)
    expect(page.locator("#message")).to_be_visible()
    page.goto("/settings/security")
    expect(page.get_by_text("Passkeys do not work at this address")).to_be_visible()
    page.get_by_role("link", name="Add", exact=True).click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    axe_clean(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seed = page.get_by_label("Key", exact=True).inner_text()
    page.get_by_label("Code", exact=True).fill(code_of(seed))
    page.get_by_role("button", name="Add the app").click()
    expect(page.locator(".recovery li")).to_have_count(10)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    title, _, *codes = download.value.path().read_text().splitlines()
    assert title == f"Recovery codes of Galaxy Chat, {galaxy.base_url}, for {alice_with_password.email}"
    assert codes == page.locator(".recovery li").all_inner_texts()
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("10 of 10 left")).to_be_visible()
    expect(page.get_by_role("link", name="New codes…")).to_be_visible()
    axe_clean(page)
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    axe_clean(page)
    page.goto("/settings/security")
    page.get_by_role("button", name="Remove the authenticator app").click()
    expect(page.get_by_text("It is your only second factor")).to_be_visible()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("The authenticator app is removed.")).to_be_visible()


def test_a_provider_s_button_leads_there_and_back(open_context: Contexts, issuer: Issuer, alice: User) -> None:
    issuer.claims = {"sub": str(alice.pk), "email": alice.email, "email_verified": True}
    page = open_context().new_page()
    page.goto("/sign-in?next=/settings/security")
    axe_clean(page)
    page.get_by_role("button", name="Continue with Stand-in ID").click()
    expect(page.get_by_role("heading", name="Sign-in providers")).to_be_visible()
    expect(page.get_by_text("Linked on")).to_be_visible()
    page.get_by_role("button", name="Unlink Stand-in ID").click()
    asked = page.get_by_role("dialog", name="Unlink Stand-in ID?")
    asked.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Linked on")).to_be_visible()
    page.get_by_role("button", name="Unlink Stand-in ID").click()
    asked.get_by_role("button", name="Unlink", exact=True).click()
    expect(page.get_by_text("This is your only way to sign in.")).to_be_visible()  # it was asked for


def test_another_device_is_signed_out_after_a_question(open_context: Contexts, alice_with_password: User) -> None:
    phone, page = open_context().new_page(), open_context().new_page()
    for each in (phone, page):
        by_password(each, alice_with_password)
        expect(each.locator("#message")).to_be_visible()
    page.goto("/settings/security")
    device = page.get_by_role("button", name=re.compile("^Sign out Chrome"))
    device.click()
    asked = page.get_by_role("dialog", name=re.compile("^Sign out Chrome"))
    axe_clean(page)
    asked.get_by_role("button", name="Leave it").click()
    expect(device).to_be_focused()
    page.get_by_role("button", name="Sign out all others").click()
    page.get_by_role("dialog", name="Sign out all others?").get_by_role("button", name="Leave them").click()
    device.click()
    asked.get_by_role("button", name="Sign it out").click()
    expect(page.get_by_text("That device is signed out.")).to_be_visible()
    expect(device).to_have_count(0)


def test_a_provider_that_is_away_is_told(open_context: Contexts, issuer: Issuer, complaints: list[str]) -> None:
    issuer.wrong = "away"
    page = open_context(**PHONE).new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name="Continue with Stand-in ID").click()
    expect(page.get_by_text("does not answer. Try again")).to_be_visible()
    axe_clean(page)
    complaints[:] = [one for one in complaints if "502" not in one]  # the page's own status


def test_an_invited_person_comes_in_by_a_passkey_they_add(
    open_context: Contexts, galaxy: Galaxy, alice: User, complaints: list[str]
) -> None:
    _, link = invitations.invite(f"invited-{alice.pk.hex[-8:]}@example.test", alice.tenant, by=alice)
    page = with_device(open_context(**PHONE, base_url=at_home(galaxy)).new_page())
    page.goto("/invitation/" + link.rpartition("/")[2])
    expect(page.get_by_text(f"invites you to {alice.tenant}")).to_be_visible()
    axe_clean(page)
    page.get_by_label("Your name").fill("New Person")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_label("Password")).to_be_focused()
    complaints[:] = [one for one in complaints if "422" not in one]  # the page's own status
    page.get_by_role("button", name="Join with a passkey instead").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_somebody_leaves_and_keeps_the_receipt(open_context: Contexts, alice_with_password: User) -> None:
    page = open_context(**PHONE).new_page()
    by_password(page, alice_with_password)
    expect(page.locator("#message")).to_be_visible()
    page.goto("/settings/data")
    expect(page.get_by_label("Settings").get_by_role("link", name="Your data")).to_be_in_viewport()
    axe_clean(page)
    with page.expect_download() as archive:
        page.get_by_role("button", name="Export").click()
    assert zipfile.is_zipfile(archive.value.path())
    page.get_by_label(f"Type {alice_with_password.email}").fill(alice_with_password.email)
    page.get_by_role("button", name="Remove my account for good").click()
    expect(page.get_by_role("heading", name="Your account has been removed")).to_be_visible()
    axe_clean(page)
    box = page.get_by_label("Receipt").bounding_box()
    assert box
    assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    with page.expect_download() as receipt:
        page.get_by_role("link", name="Save the receipt").click()
    assert is_genuine(receipt.value.path().read_text())
    assert not User.objects.filter(pk=alice_with_password.pk).exists()
