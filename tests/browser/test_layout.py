"""The main column has the room that the sidebar leaves it: on every page, at every width, with the sidebar shown and hidden."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from chat.models import Conversation
from tests.browser.conftest import PHONE, Complaints
from tests.people import session_of
from tests.stack import Galaxy

Contexts = Callable[..., BrowserContext]
SIDEBAR, EDGE = 264, 8
PAGES = ["/", "/c/{chat}", "/c/{chat}/delete", "/c/00000000-0000-0000-0000-000000000000", "/settings", "/settings/security"]
PAGES += ["/settings/security/password", "/settings/security/app", "/settings/security/passkeys/add", "/settings/data"]
MAIN = (
    "(main => main && [main.getBoundingClientRect().left, main.getBoundingClientRect().right])(document.querySelector('main'))"
)
WIDE = [(1440, "shown"), (1440, "hidden"), (900, "shown"), (900, "hidden")]


def column(width: int, sidebar: str) -> list[int]:
    """Edges of the main column, left and right."""
    return [EDGE if sidebar == "hidden" else SIDEBAR, width - EDGE]


@pytest.fixture
def pages(alice: User) -> list[str]:
    chat = Conversation.objects.create(owner=alice, tenant_id=alice.tenant_id, title="A chat")
    return [page.format(chat=chat.pk) for page in PAGES]


@pytest.fixture
def fresh(open_context: Contexts, alice: User, galaxy: Galaxy, complaints: Complaints) -> Callable[..., Page]:
    """Pages of Alice, who has just shown that it is her."""
    complaints.expected += ("404",)

    def opened(sidebar: str = "shown", **options: object) -> Page:
        context = open_context(alice, **options)
        cookies = {"galaxy_session": session_of(alice, is_fresh=True), "galaxy_sidebar": sidebar}
        context.add_cookies([{"name": name, "value": value, "url": galaxy.base_url} for name, value in cookies.items()])
        return context.new_page()

    return opened


@pytest.mark.parametrize(("width", "sidebar"), WIDE)
def test_every_page_has_its_room(fresh: Callable[..., Page], pages: list[str], width: int, sidebar: str) -> None:
    page = fresh(sidebar, viewport={"width": width, "height": 900})
    for address in pages:
        page.goto(address)
        assert page.evaluate(MAIN) == column(width, sidebar), address
        opens = page.get_by_role("button", name="Open sidebar")
        assert opens.is_visible() == (sidebar == "hidden"), address


def test_every_page_fills_a_phone(fresh: Callable[..., Page], pages: list[str]) -> None:
    for sidebar in ("shown", "hidden"):
        page = fresh(sidebar, **PHONE)
        for address in pages:
            page.goto(address)
            assert page.evaluate(MAIN) == [0, 390], (address, sidebar)


def test_hiding_and_showing_the_sidebar_moves_the_column_and_a_reload_keeps_it(
    fresh: Callable[..., Page], pages: list[str]
) -> None:
    page = fresh(viewport={"width": 1440, "height": 900})
    page.goto(pages[1])
    page.get_by_role("button", name="Hide sidebar").click()
    assert page.evaluate(MAIN) == column(1440, "hidden")
    page.reload()
    assert page.evaluate(MAIN) == column(1440, "hidden")
    page.get_by_role("button", name="Open sidebar").click()
    assert page.evaluate(MAIN) == column(1440, "shown")


def test_a_drawer_that_was_open_does_not_cover_the_page_when_it_widens(fresh: Callable[..., Page], pages: list[str]) -> None:
    page = fresh(viewport={"width": 600, "height": 900})
    page.goto(pages[1])
    page.get_by_role("button", name="Open sidebar").click()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.get_by_role("link", name="New chat")).to_be_visible()
    page.wait_for_function("() => !document.querySelector(':popover-open')")
    assert page.evaluate(MAIN) == column(1440, "shown")


def test_without_script_a_hidden_sidebar_opens_over_the_page(fresh: Callable[..., Page], pages: list[str]) -> None:
    page = fresh("hidden", viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    page.goto(pages[0])
    page.get_by_role("button", name="Open sidebar").click()
    expect(page.get_by_role("link", name="New chat")).to_be_visible()
