"""The consent page as people see it. A page that breaks its own policy writes that to the console, and fails its test."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.models import User
from tests.accounts.oauth.steps import App
from tests.app_site import AppSite
from tests.browser.conftest import PHONE
from tests.browser.steps import axe_clean
from tests.ports import free_port
from tests.stack import Galaxy

Contexts = Callable[..., BrowserContext]
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def app(galaxy: Galaxy, app_site: AppSite) -> App:
    client_id = app_site.serve("/desk/app.json", client_name="Desk helper")
    return App(galaxy.base_url, client_id, callback=f"http://127.0.0.1:{free_port()}/callback", path="/mcp")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_it_reads_well_everywhere(
    open_context: Contexts, galaxy: Galaxy, app: App, alice: User, theme: str, screen: str, tmp_path: Path
) -> None:
    context = open_context(alice, **(PHONE if screen == "phone" else DESK))
    context.add_cookies([{"name": "galaxy_theme", "value": theme, "url": galaxy.base_url}])
    page = context.new_page()
    page.goto(app.asking(scope="tools:list tools:call"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect Desk helper to Galaxy Chat?")
    expect(page.get_by_text("Call tools in your name")).to_be_visible()
    axe_clean(page)
    assert page.evaluate("document.documentElement.scrollWidth") == (390 if screen == "phone" else 1440)
    page.screenshot(path=tmp_path / f"consent-{screen}-{theme}.png", full_page=True)


@pytest.mark.parametrize(("button", "told"), [("Allow", "code"), ("Deny", "error=access_denied")])
def test_a_button_leads_back_to_the_app(
    open_context: Contexts, app: App, alice: User, complaints: list[str], button: str, told: str
) -> None:
    page = open_context(alice).new_page()
    page.goto(app.asking())
    page.route(f"{app.callback}**", lambda route: route.fulfill(body="back in the app"))
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("back in the app")).to_be_visible()
    assert told in page.url
    assert complaints == []


def test_who_signs_in_on_the_way_comes_back_to_it(open_context: Contexts, app: App, alice: User) -> None:
    alice.set_password("correct horse battery")
    alice.save()
    page = open_context().new_page()
    page.goto(app.asking())
    page.get_by_label("Email").fill(alice.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Connect Desk helper to"))).to_be_visible()


def test_a_refusal_is_a_page_with_a_way_back(open_context: Contexts, app: App, alice: User, complaints: list[str]) -> None:
    page = open_context(alice, **DESK).new_page()
    page.goto(app.asking(resource=None))
    expect(page.get_by_role("heading", name="This app cannot be connected")).to_be_visible()
    axe_clean(page)
    expect(page.get_by_role("link", name="Back to the app")).to_have_attribute("href", re.compile("error=invalid_target"))
    complaints[:] = [one for one in complaints if "400" not in one]  # the page's own status
