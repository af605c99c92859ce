"""Issuers that fail, that sign what they say of a person, or that answer in place of another."""

import httpx
import pytest

from accounts.models import AuditEntry, User
from accounts.storage.connections import in_database
from tests.accounts.test_providers import by_provider, claims, leave
from tests.issuer import Issuer
from tests.visitor import Visitor, recorded

pytestmark = pytest.mark.usefixtures("fresh_count")


@pytest.mark.parametrize("wrong", ["away", "failing", "no JSON", "slow", "discovery"])
async def test_an_issuer_in_trouble_is_a_page(visitor: Visitor, issuer: Issuer, wrong: str) -> None:
    issuer.wrong = wrong
    page = await visitor.form("/sign-in/with/oidc")
    assert page.status_code in (httpx.codes.BAD_GATEWAY, httpx.codes.FORBIDDEN)
    assert "Stand-in ID could not sign you in" in page.text


@pytest.mark.parametrize("wrong", ["away", "failing", "no JSON", "slow"])
async def test_an_issuer_in_trouble_on_the_way_back_is_a_page(
    visitor: Visitor, issuer: Issuer, alice: User, wrong: str
) -> None:
    issuer.claims = claims(alice)
    there = await visitor.get(await leave(visitor))
    issuer.wrong = wrong
    page = await visitor.get(there.headers["location"])
    assert page.status_code in (httpx.codes.BAD_GATEWAY, httpx.codes.FORBIDDEN)
    assert "Stand-in ID could not sign you in" in page.text


@pytest.mark.parametrize("wrong", ["token away", "token page"])
async def test_an_issuer_s_trouble_with_tokens_is_named_so_and_is_no_attempt_of_the_person(
    visitor: Visitor, issuer: Issuer, alice: User, wrong: str
) -> None:
    issuer.claims, issuer.wrong = claims(alice), wrong
    began = await in_database(AuditEntry.objects.count)
    page = await by_provider(visitor)
    assert page.status_code == httpx.codes.BAD_GATEWAY
    assert "Try again in a few minutes" in page.text
    await visitor.sign_in(alice, "wrong")
    await recorded(action="sign_in.refused", seq__gt=began, target=str(alice.pk))
    told = AuditEntry.objects.filter(action="sign_in.refused", seq__gt=began, detail__contains="oidc")
    assert not await in_database(told.exists)


async def test_a_signed_userinfo_is_read_and_one_for_somebody_else_is_not(
    visitor: Visitor, issuer: Issuer, alice: User
) -> None:
    issuer.claims, issuer.told = {"sub": f"sub of {alice.email}"}, claims(alice)
    issuer.signs_userinfo, issuer.wrong = True, "signed for another"
    assert "could not be verified" in (await by_provider(visitor)).text
    issuer.wrong = ""
    assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
    assert (await visitor.get("/api/me")).json()["email"] == alice.email


@pytest.mark.parametrize(
    ("announces", "answers_as", "is_in"),
    [(True, "own", True), (True, "", False), (True, "https://evil.example", False), (False, "https://evil.example", False)],
)
async def test_an_answer_of_another_issuer_is_refused(
    visitor: Visitor, issuer: Issuer, alice: User, *, announces: bool, answers_as: str, is_in: bool
) -> None:
    issuer.claims, issuer.announces_issuer = claims(alice), announces
    issuer.answers_as = issuer.url if answers_as == "own" else answers_as
    answer = await by_provider(visitor)
    assert await visitor.is_in() is is_in
    assert ("could not be verified" in answer.text) is not is_in
    assert [request.path for request in issuer.asked].count("/token") == int(is_in)
