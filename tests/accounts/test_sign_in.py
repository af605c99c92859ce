"""Signing in by link and password, test mode, and the command that prints a link."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone
from websockets.asyncio.client import connect
from websockets.typing import Origin

from accounts.identity import login_sessions
from accounts.models import Session, SignInLink, Tenant, User
from accounts.people import clock, directory
from accounts.people.avatar import avatar_of
from accounts.storage.connections import in_database
from tests.client import BUTTON, Socket
from tests.ports import free_port
from tests.stack import Galaxy, Providers
from tests.visitor import PASSWORD, Visitor, recorded


async def link_for(person: User) -> str:
    return f"/sign-in/link/{await in_database(SignInLink.issue, person)}"


async def press(browser: httpx.AsyncClient, link: str) -> httpx.Response:
    """Press the button on the link's page."""
    return await browser.post(link, **BUTTON)


async def test_a_link_signs_in_once_and_rotates_the_session(anonymous: httpx.AsyncClient, alice: User) -> None:
    link = await link_for(alice)
    first = await press(anonymous, link)
    assert (first.status_code, first.headers["location"]) == (302, "/")
    assert (await anonymous.get("/api/me")).json()["email"] == alice.email
    looked_at = await anonymous.get(link)
    assert looked_at.status_code == 403
    assert f"you are already signed in as {alice.email}." in looked_at.text
    assert "make link" not in looked_at.text
    anonymous.cookies.clear()
    for again in (await press(anonymous, link), await anonymous.get(link)):
        assert again.status_code == 403
        assert "make link EMAIL=" in again.text


async def test_looking_at_a_link_does_not_spend_it(anonymous: httpx.AsyncClient, alice: User) -> None:
    link = await link_for(alice)
    for look in (anonymous.get, anonymous.head, anonymous.get):
        seen = await look(link)
        assert seen.status_code == 200
        assert "no-store" in seen.headers["Cache-Control"]
        assert seen.headers["Referrer-Policy"] == "strict-origin"
        assert "galaxy_session" not in seen.cookies
    assert f"Sign in as {alice.email}" in seen.text
    assert (await press(anonymous, link)).status_code == 302


async def test_another_page_cannot_press_the_button(anonymous: httpx.AsyncClient, alice: User) -> None:
    link = await link_for(alice)
    assert (await anonymous.post(link)).status_code == 403
    foreign = {**BUTTON["headers"], "Origin": "https://evil.example"}
    assert (await anonymous.post(link, data=BUTTON["data"], headers=foreign)).status_code == 403
    assert (await press(anonymous, link)).status_code == 302


async def test_a_link_of_somebody_suspended_does_nothing(anonymous: httpx.AsyncClient, bob: User) -> None:
    link = await link_for(bob)
    await in_database(User.objects.filter(pk=bob.pk).update, is_active=False)
    for refused in (link, "/sign-in/link/nothing"):
        assert (await anonymous.get(refused)).status_code == 403
        assert (await press(anonymous, refused)).status_code == 403


async def test_the_operators_pages_carry_the_portal_s_name(galaxy: Galaxy) -> None:
    async with httpx.AsyncClient(base_url=galaxy.base_url, cookies={"galaxy_session": galaxy.owner_cookie()}) as owner:
        page = (await owner.get("/admin/")).text
    assert "Galaxy Chat" in page
    assert "Django administration" not in page


async def test_a_password_signs_in_and_next_stays_here(anonymous: httpx.AsyncClient, alice: User) -> None:
    alice.set_password("a long enough one")
    await in_database(alice.save)
    for next_page, lands in (("/c/x", "/c/x"), ("https://evil.example/", "/"), ("//evil.example", "/")):
        page = await anonymous.get("/sign-in")
        fields = {
            "username": f" {alice.email.upper()}",
            "password": "a long enough one",
            "next": next_page,
            "csrfmiddlewaretoken": anonymous.cookies["galaxy_csrf"],
        }
        assert page.status_code == 200
        done = await anonymous.post("/sign-in", data=fields, headers={"Origin": str(anonymous.base_url)})
        assert (done.status_code, done.headers["location"]) == (302, lands)
        anonymous.cookies.clear()


async def test_signing_out_takes_a_post(anonymous: httpx.AsyncClient, alice: User) -> None:
    await press(anonymous, await link_for(alice))
    assert (await anonymous.get("/sign-out")).status_code == 405
    await anonymous.get("/")
    token = {"csrfmiddlewaretoken": anonymous.cookies["galaxy_csrf"]}
    await anonymous.post("/sign-out", data=token, headers={"Origin": str(anonymous.base_url)})
    assert (await anonymous.get("/api/me")).status_code == 401


async def test_the_theme_goes_back_to_where_it_was_chosen_but_not_elsewhere(anonymous: httpx.AsyncClient) -> None:
    await anonymous.get("/sign-in")
    token = {"csrfmiddlewaretoken": anonymous.cookies["galaxy_csrf"], "theme": "light"}
    here = {"Origin": str(anonymous.base_url), "Referer": f"{anonymous.base_url}/sign-in"}
    done = await anonymous.post("/theme", data=token, headers=here)
    assert done.headers["location"].endswith("/sign-in")
    assert 'data-theme="light"' in (await anonymous.get("/sign-in")).text
    anonymous.cookies.set("galaxy_theme", '"><script>')
    assert 'data-theme="dark"' in (await anonymous.get("/sign-in")).text


def test_the_command_prints_a_link_that_works(galaxy: Galaxy, alice: User) -> None:
    link = galaxy.manage("sign_in_link", alice.email).strip()
    assert link.startswith(galaxy.base_url)
    assert httpx.post(link, **BUTTON).headers["location"] == "/"


def test_the_command_knows_nobody_by_another_name(galaxy: Galaxy) -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.test"):
        call_command("sign_in_link", "nobody@example.test")


def test_a_person_is_made_once(galaxy: Galaxy) -> None:
    first = directory.find_or_make("New.Person@example.test")
    assert directory.find_or_make("new.person@EXAMPLE.test ") == first
    assert first.tenant == Tenant.objects.order_by("created_at").first()
    assert not first.is_staff
    assert directory.owner().is_staff
    assert directory.owner().name == "Owner"


async def test_test_mode_signs_everybody_in_at_the_first_request_at_every_door(
    stand_in_process: Providers, tmp_path: Path
) -> None:
    tester = Galaxy(tmp_path, free_port(), stand_in_process, TEST_MODE="true", TEST_EMAIL="tester@example.test")
    await asyncio.to_thread(tester.start)
    try:
        for cookies in ({}, {"galaxy_session": "0" * 32}):
            async with Visitor(tester.base_url, cookies=cookies) as browser:
                assert (await browser.get("/api/me")).json()["email"] == "tester@example.test"
                for path in ("/", "/settings/security/password", "/healthz"):
                    assert (await browser.get(path)).status_code == httpx.codes.OK, path
                assert (await browser.get("/api/me", headers={"Authorization": "Bearer junk"})).status_code == 401
                assert (await browser.post("/api/conversations", json={})).status_code == 403  # another site's page cannot
        async with connect(tester.ws_url, origin=Origin(tester.base_url)) as socket:
            assert (await Socket(socket).ask("[[tokens=1]]"))["status"] == "accepted"
    finally:
        await asyncio.to_thread(tester.stop)


def test_the_zone_of_a_browser_is_believed_only_if_it_exists() -> None:
    def request(zone: str) -> Any:
        made = RequestFactory().get("/")
        made.COOKIES["galaxy_zone"] = zone
        return made

    for told in ("Europe/Berlin", "Europe%2FBerlin"):  # the second is how the page's script writes it
        assert str(clock.zone_of(request(told))) == "Europe/Berlin"
    for zone in ("", "Nowhere", "../../etc/passwd", "Europe", "\x00"):
        assert str(clock.zone_of(request(zone))) == "UTC"


def test_avatars_have_two_letters() -> None:
    assert avatar_of(User(email="a@b.c", name="Jonas Berger")).initials == "JB"
    assert avatar_of(User(email="owner@b.c")).initials == "OW"


async def test_who_is_suspended_is_told_so_once_the_password_is_right(
    visitor: Visitor, alice_with_password: User, fresh_count: None
) -> None:
    await in_database(User.objects.filter(pk=alice_with_password.pk).update, is_active=False)
    seen = 0
    for password, told in (("wrong", "This email and password do not match."), (PASSWORD, directory.SUSPENDED)):
        answer = await visitor.sign_in(alice_with_password, password)
        assert (answer.status_code, told in answer.text) == (200, True)
        assert ("suspended" in answer.text) is (password == PASSWORD)
        seen = (await recorded(action="sign_in.refused", target=str(alice_with_password.pk), seq__gt=seen))[-1].seq
    assert not await visitor.is_in()


async def test_who_was_signed_out_is_told_why_and_nobody_else_is(
    visitor: Visitor, anonymous: httpx.AsyncClient, alice_with_password: User, fresh_count: None
) -> None:
    await visitor.sign_in(alice_with_password)
    assert "signed out from another" not in (await visitor.get("/sign-in", follow_redirects=True)).text
    session = Session.objects.filter(pk=visitor.cookies["galaxy_session"])
    kept_until = next(cookie.expires for cookie in visitor.cookies.jar if cookie.name == "galaxy_session")
    assert kept_until
    assert kept_until > (await session.aget()).expire_date.timestamp() + 3600
    await session.aupdate(expire_date=timezone.now())
    assert "Two weeks have passed since you signed in here." in (await visitor.get("/", follow_redirects=True)).text
    await visitor.sign_in(alice_with_password)
    await in_database(login_sessions.end_all, alice_with_password.pk)
    assert "This device was signed out from another" in (await visitor.get("/", follow_redirects=True)).text
    await visitor.sign_in(alice_with_password)
    alice_with_password.is_active = False
    await in_database(alice_with_password.save)
    assert "Your account is suspended." in (await visitor.get("/settings", follow_redirects=True)).text
    anonymous.cookies.set("galaxy_session", "0" * 32)
    for page in ("/sign-in", f"/sign-in?next=/&username={alice_with_password.email}"):
        seen = (await anonymous.get(page)).text
        assert "signed out from another" not in seen
        assert "suspended" not in seen
