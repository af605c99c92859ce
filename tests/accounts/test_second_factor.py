"""The second factor stands in every way, codes count once, seeds are sealed, and changing any of it asks who you are."""

import asyncio
import json
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from allauth.mfa.models import Authenticator

from accounts.models import SignInLink, User, Visit
from accounts.people import directory
from accounts.sign_in import recent_login
from accounts.sign_in.second_factor import seed_sealing
from accounts.storage.connections import in_database
from tests.attempts import forget_attempts
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import PASSWORD, Visitor, code_of

pytestmark = pytest.mark.usefixtures("fresh_count")


async def with_app(visitor: Visitor, person: User) -> tuple[str, list[str]]:
    """The person is signed in and has an authenticator app; the browser forgets it all."""
    await visitor.sign_in(person)
    held = await visitor.add_app()
    visitor.cookies.clear()
    return held


async def test_a_password_alone_does_not_do(visitor: Visitor, alice_with_password: User) -> None:
    seed, _ = await with_app(visitor, alice_with_password)
    asked = await visitor.sign_in(alice_with_password, next="/conversations")
    assert (asked.status_code, asked.headers["location"]) == (302, "/sign-in/code")
    assert not await visitor.is_in()
    page = await visitor.get("/sign-in/code")
    assert "One more step" in page.text
    assert (await visitor.form("/sign-in/code", code="000000")).status_code == httpx.codes.OK
    done = await visitor.form("/sign-in/code", code=code_of(seed, steps=1))
    assert (done.status_code, done.headers["location"]) == (302, "/conversations")
    assert await visitor.is_in()


async def test_a_link_and_the_operators_door_do_not_lead_past_it(visitor: Visitor, alice_with_password: User) -> None:
    await in_database(User.objects.filter(pk=alice_with_password.pk).update, is_staff=True)
    await with_app(visitor, alice_with_password)
    link = await in_database(SignInLink.issue, alice_with_password)
    assert (await visitor.form(f"/sign-in/link/{link}")).headers["location"] == "/sign-in/code"
    assert not await visitor.is_in()
    for method in ("GET", "HEAD"):
        door = await visitor.request(method, "/admin/login/?next=/admin/")
        assert (door.status_code, door.headers["location"]) == (302, "/sign-in?next=/admin/")
    tried = await visitor.form("/admin/login/", username=alice_with_password.email, password=PASSWORD)
    assert tried.headers["location"].startswith("/sign-in?")
    assert (await visitor.get("/admin/")).status_code == httpx.codes.FOUND


async def test_the_session_key_changes_on_the_way_in(visitor: Visitor, alice_with_password: User) -> None:
    seed, _ = await with_app(visitor, alice_with_password)
    await visitor.sign_in(alice_with_password)
    before = visitor.cookies["galaxy_session"]
    await visitor.form("/sign-in/code", code=code_of(seed, steps=1))
    assert visitor.cookies["galaxy_session"] != before
    async with Visitor(str(visitor.base_url), cookies={"galaxy_session": before}) as thief:
        assert not await thief.is_in()


async def test_a_code_counts_once(visitor: Visitor, alice_with_password: User) -> None:
    seed, codes = await with_app(visitor, alice_with_password)
    for code in (code_of(seed, steps=1), codes[0]):
        await visitor.sign_in(alice_with_password)
        assert (await visitor.form("/sign-in/code", code=code)).status_code == httpx.codes.FOUND
        visitor.cookies.clear()
        await visitor.sign_in(alice_with_password)
        assert (await visitor.form("/sign-in/code", code=code)).status_code == httpx.codes.OK
        visitor.cookies.clear()


async def test_guessed_codes_are_counted_however_many_at_once(visitor: Visitor, alice_with_password: User) -> None:
    seed, _ = await with_app(visitor, alice_with_password)
    await visitor.sign_in(alice_with_password)
    answers = await asyncio.gather(*(visitor.form("/sign-in/code", code=f"{number:06}") for number in range(60)))
    assert sum(answer.status_code == httpx.codes.OK for answer in answers) == 5
    assert (await visitor.form("/sign-in/code", code=code_of(seed))).status_code == httpx.codes.TOO_MANY_REQUESTS


async def test_seeds_are_sealed_in_the_database(visitor: Visitor, alice_with_password: User) -> None:
    seed, codes = await with_app(visitor, alice_with_password)
    rows = await in_database(
        lambda: list(Authenticator.objects.filter(user=alice_with_password).values_list("data", flat=True))
    )
    assert len(rows) == 2
    for row in rows:
        assert seed not in str(row)
        assert not any(code in str(row) for code in codes)
    (kept,) = [row["secret"] for row in rows if "secret" in row]
    assert seed_sealing.opened(kept) == seed
    with pytest.raises(seed_sealing.CannotOpen):
        seed_sealing.opened(kept[:-4] + "AAA=")


async def test_recovery_codes_are_shown_once_and_replaced(visitor: Visitor, alice_with_password: User) -> None:
    await visitor.sign_in(alice_with_password)
    _, codes = await visitor.add_app()
    assert len(codes) == 10
    again = (await visitor.get("/settings/security/codes")).text
    assert not any(code in again for code in codes)
    await visitor.form("/settings/security/codes")
    renewed = (await visitor.get("/settings/security/codes")).text
    assert "shown only now" in renewed
    assert not any(code in renewed for code in codes)


async def test_a_session_from_before_must_show_who_it_is(visitor: Visitor, alice_with_password: User) -> None:
    """A session that was not made by signing in just now, such as a stolen one that is older."""
    held = await in_database(session_of, alice_with_password)
    visitor.cookies.set("galaxy_session", held, domain="127.0.0.1")
    for path in ("password", "app", "codes", "passkeys/add"):
        sent = await visitor.get(f"/settings/security/{path}")
        assert sent.headers["location"] == f"/sign-in/again?next=/settings/security/{path}"
    assert (await visitor.form("/sign-in/again", password="wrong")).text.count("not your password") == 1
    shown = await visitor.form("/sign-in/again", password=PASSWORD, next="/settings/security/app")
    assert (shown.status_code, shown.headers["location"]) == (302, "/settings/security/app")
    assert (await visitor.get("/settings/security/app")).status_code == httpx.codes.OK
    assert recent_login.FRESH_SECONDS == 600


async def test_who_has_nothing_to_show_is_told_how_to_get_a_new_link(visitor: Visitor, alice: User) -> None:
    visitor.cookies.set("galaxy_session", await in_database(session_of, alice), domain="127.0.0.1")
    page = (await visitor.get("/sign-in/again")).text
    assert "ask an operator for one" in page
    assert "make link" not in page
    owner = await in_database(directory.owner)
    visitor.cookies.set("galaxy_session", await in_database(session_of, owner), domain="127.0.0.1")
    assert "<code>make link</code> on the server" in (await visitor.get("/sign-in/again")).text


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User
) -> None:
    async with Visitor(galaxy.base_url) as phone:
        await phone.sign_in(alice_with_password)
        await visitor.sign_in(alice_with_password)
        assert "Sign out all others" in (await visitor.get("/settings/security")).text
        before = visitor.cookies["galaxy_session"]
        wrong = await visitor.form("/settings/security/password", new_password1="short", new_password2="short")
        assert wrong.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        new = "another battery of horses"
        done = await visitor.form("/settings/security/password", new_password1=new, new_password2=new)
        assert done.headers["location"] == "/settings/security"
        assert await visitor.is_in()
        assert visitor.cookies["galaxy_session"] != before
        assert not await phone.is_in()
        page = (await visitor.get("/settings/security")).text
        assert "This device" in page
        assert "Sign out all others" not in page


async def test_one_session_is_ended_from_another_but_not_somebody_else_s(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User, bob: User
) -> None:
    async with Visitor(galaxy.base_url) as phone, Visitor(galaxy.base_url) as stranger:
        await phone.sign_in(alice_with_password)
        (visit,) = await in_database(lambda: list(Visit.objects.filter(person=alice_with_password)))
        await visitor.sign_in(alice_with_password)
        visitor.cookies.set("galaxy_zone", "Asia/Kathmandu", domain="127.0.0.1")
        page = (await visitor.get("/settings/security")).text
        began = visit.began_at.astimezone(ZoneInfo("Asia/Kathmandu"))
        assert f"Used just now, signed in on {began:%-d %b %Y, %H:%M}" in page
        link = await in_database(SignInLink.issue, bob)
        await stranger.form(f"/sign-in/link/{link}")
        end = f"/settings/security/sessions/{visit.pk}/end"
        assert (await stranger.form(end)).status_code == httpx.codes.NOT_FOUND
        assert await phone.is_in()
        assert (await visitor.form(end)).status_code == httpx.codes.FOUND
        assert not await phone.is_in()


async def test_passkeys_are_refused_where_a_browser_would_refuse_them(visitor: Visitor, alice_with_password: User) -> None:
    await visitor.sign_in(alice_with_password)
    page = (await visitor.get("/settings/security")).text
    there = f"http://localhost:{visitor.base_url.port}"
    assert f'They work at <a class="link" href="{there}/settings/security">{there}</a>.' in page
    asked = await visitor.get("/sign-in/passkey")
    assert asked.status_code == httpx.codes.CONFLICT
    for credential in ("", "[]", "{}", '{"response": 3}', '{"response": {"userHandle": "AAAA"}}', "x"):
        refused = await visitor.form("/sign-in/passkey", credential=credential)
        assert refused.status_code == httpx.codes.FORBIDDEN, credential


def test_a_seed_is_sealed_anew_each_time(galaxy: Any) -> None:
    assert seed_sealing.sealed("a") != seed_sealing.sealed("a")


async def test_who_was_removed_or_suspended_on_the_way_in_begins_anew(visitor: Visitor, alice_with_password: User) -> None:
    for change in ("suspended", "removed"):
        await visitor.sign_in(alice_with_password)
        if change == "suspended":
            await with_app(visitor, alice_with_password)
            await visitor.sign_in(alice_with_password)
            await in_database(User.objects.filter(pk=alice_with_password.pk).update, is_active=False)
        else:
            await in_database(User.objects.filter(pk=alice_with_password.pk).update, is_active=True)
            await visitor.sign_in(alice_with_password)
            await in_database(lambda: User.objects.get(pk=alice_with_password.pk).delete())
        for asked in (await visitor.get("/sign-in/code"), await visitor.form("/sign-in/code", code="123456")):
            assert (asked.status_code, asked.headers["location"]) == (302, "/sign-in"), change


async def test_a_code_counts_once_however_it_is_written(visitor: Visitor, alice_with_password: User) -> None:
    seed, _ = await with_app(visitor, alice_with_password)
    code = code_of(seed, steps=1)
    await visitor.sign_in(alice_with_password)
    assert (await visitor.form("/sign-in/code", code=code)).status_code == httpx.codes.FOUND
    visitor.cookies.clear()
    await visitor.sign_in(alice_with_password)
    for written in (code, f"{code[:3]}-{code[3:]}", f"{code[:3]} {code[3:]}."):
        await visitor.form("/sign-in/code", code=written)
        assert not await visitor.is_in()


@pytest.mark.parametrize("credential", ['{"id":1}', "[" * 50_000, "{}", "null", '"x"', ""])
async def test_what_no_device_says_is_refused(visitor: Visitor, credential: str) -> None:
    assert (await visitor.form("/sign-in/passkey", credential=credential)).status_code == httpx.codes.FORBIDDEN


def said_by_a_device(**response: str) -> str:
    """As one writes it, whatever is in it."""
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "e30", **response}})


JUNK = (
    *("", "x", "null", "[]", "{}", '"x"', "7", '{"id": 1}', "[" * 50_000, '{"response": 3}'),
    '{"response": {"userHandle": "AAAA"}}',
    said_by_a_device(clientDataJSON="AAAA", attestationObject="AAAA", authenticatorData="AAAA", signature=""),
    said_by_a_device(attestationObject="o2NmbXRkbm9uZWhhdXRoRGF0YUEA", authenticatorData="AA", signature="AA"),
    '{"id": "\\u0000", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "e30"}}',
)


async def test_junk_in_a_form_for_passkeys_is_the_asking_side_s_mistake(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User
) -> None:
    await visitor.sign_in(alice_with_password)
    logged_before = len(galaxy.logged("web"))
    for path in ("/settings/security/passkeys/add", "/sign-in/again"):
        await visitor.get(path)
        for junk in JUNK:
            forget_attempts()
            assert (await visitor.form(path, credential=junk)).status_code == httpx.codes.BAD_REQUEST, (path, junk)
    assert "Traceback" not in galaxy.logged("web")[logged_before:]
