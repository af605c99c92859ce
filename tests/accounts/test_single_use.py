"""Things that can be used once are used once, even by two requests at the same moment."""

import asyncio
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Invitation, SignInLink, User
from accounts.people import invitations
from accounts.storage import single_use
from accounts.storage.connections import in_database
from tests.accounts.test_providers import claims, leave
from tests.attempts import forget_attempts
from tests.client import BUTTON
from tests.issuer import Issuer
from tests.stack import Galaxy
from tests.visitor import PASSWORD, Visitor, code_of

pytestmark = pytest.mark.usefixtures("fresh_count")
RACES = 25


async def at_once(browsers: list[Visitor], path: str, **request: Any) -> list[int]:
    """Send the same request from all browsers at once; gives the status codes sorted."""
    answers = await asyncio.gather(*(browser.post(path, **request) for browser in browsers))
    return sorted(answer.status_code for answer in answers)


async def two(galaxy: Galaxy) -> list[Visitor]:
    """Two browsers with a connection each that is open already."""
    browsers = [Visitor(galaxy.base_url) for _ in range(2)]
    await asyncio.gather(*(browser.get("/healthz") for browser in browsers))
    return browsers


async def test_a_sign_in_link_used_twice_at_once_makes_one_session(galaxy: Galaxy, alice: User) -> None:
    browsers = await two(galaxy)
    for _ in range(RACES):
        await in_database(forget_attempts)
        link = await in_database(SignInLink.issue, alice)
        before = await in_database(Session.objects.count)
        assert await at_once(browsers, f"/sign-in/link/{link}", **BUTTON) == [httpx.codes.FOUND, httpx.codes.FORBIDDEN]
        assert await in_database(Session.objects.count) == before + 1
        for browser in browsers:
            browser.cookies.clear()


async def test_an_invitation_used_twice_at_once_makes_one_person(galaxy: Galaxy, alice: User) -> None:
    browsers = await two(galaxy)
    for number in range(5):  # each costs the hash of a password
        email = f"raced-{number}-{alice.pk.hex[-8:]}@example.test"
        _, link = await in_database(invitations.invite, email, alice.tenant)
        path = "/invitation/" + link.rpartition("/")[2]
        form = {"data": BUTTON["data"] | {"name": "New", "password": PASSWORD}, "headers": BUTTON["headers"]}
        assert await at_once(browsers, path, **form) == [httpx.codes.FOUND, httpx.codes.GONE]


async def test_a_code_of_an_app_and_a_recovery_code_used_twice_at_once_let_in_one(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User
) -> None:
    await visitor.sign_in(alice_with_password)
    seed, recovery = await visitor.add_app()
    for code in (code_of(seed, steps=1), recovery[0], recovery[1]):
        await in_database(forget_attempts)
        browsers = await two(galaxy)
        for browser in browsers:
            assert (await browser.sign_in(alice_with_password)).headers["location"] == "/sign-in/code"
        answers = await asyncio.gather(*(browser.form("/sign-in/code", code=code) for browser in browsers))
        assert sorted(answer.status_code for answer in answers) == [httpx.codes.OK, httpx.codes.FOUND], code


async def test_the_way_back_from_a_provider_used_twice_at_once_lets_in_one(
    galaxy: Galaxy, visitor: Visitor, issuer: Issuer, alice: User
) -> None:
    for _ in range(3):
        issuer.claims = claims(alice)
        back = (await visitor.get(await leave(visitor))).headers["location"]
        async with Visitor(galaxy.base_url) as other:
            other.cookies.update(visitor.cookies)
            answers = await asyncio.gather(visitor.get(back), other.get(back))
        assert sorted(answer.status_code for answer in answers) == [httpx.codes.FOUND, httpx.codes.FORBIDDEN]
        assert not [answer for answer in answers if "could not be verified" in answer.text]
        visitor.cookies.clear()


async def test_a_person_who_leaves_twice_at_once_gets_one_receipt(
    galaxy: Galaxy, visitor: Visitor, alice_with_password: User
) -> None:
    await visitor.sign_in(alice_with_password)
    async with Visitor(galaxy.base_url) as other:
        other.cookies.update(visitor.cookies)
        form = {"email": alice_with_password.email}
        answers = await asyncio.gather(*(browser.form("/settings/data/remove", **form) for browser in (visitor, other)))
    receipts = [answer for answer in answers if "signature" in answer.text]
    assert len(receipts) == 1, [answer.status_code for answer in answers] + [galaxy.logged("web")[-4000:]]


def test_rows_are_spent_by_one_statement_that_asks_of_no_other_table(galaxy: Galaxy, alice: User) -> None:
    SignInLink.issue(alice)
    joined = SignInLink.objects.filter(person__is_active=True, used_at=None)
    with pytest.raises(single_use.NotOneTable):
        single_use.spend(joined, used_at=timezone.now())
    with pytest.raises(single_use.NotOneTable):
        single_use.spend(Invitation.objects.filter(tenant__name="Home"), accepted_at=timezone.now())
