"""A person who tries too often waits, and no one else does."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from accounts.identity import login_sessions
from accounts.limits import attempts
from accounts.models import AuditEntry, SignInLink, User, Visit
from accounts.storage.connections import in_database
from tests.attempts import forget_attempts
from tests.client import BUTTON
from tests.visitor import PASSWORD, Visitor, recorded, with_password

pytestmark = pytest.mark.usefixtures("fresh_count")


async def test_sixty_at_once_are_not_all_checked(visitor: Visitor, alice_with_password: User) -> None:
    await visitor.get("/sign-in")
    answers = await asyncio.gather(*(visitor.sign_in(alice_with_password, "wrong") for _ in range(60)))
    checked = [answer for answer in answers if answer.status_code == httpx.codes.OK]
    refused = [answer for answer in answers if answer.status_code == httpx.codes.TOO_MANY_REQUESTS]
    assert (len(checked), len(refused)) == (attempts.AT_ONE_ADDRESS.most, 55)
    assert all(0 < int(answer.headers["Retry-After"]) <= attempts.AT_ONE_ADDRESS.seconds for answer in refused)
    assert "Your account is not locked" in refused[0].text
    assert (await visitor.sign_in(alice_with_password)).status_code == httpx.codes.TOO_MANY_REQUESTS


async def test_another_person_at_the_same_address_still_comes_in(
    visitor: Visitor, alice_with_password: User, bob: User
) -> None:
    await in_database(with_password, bob)
    for _ in range(6):
        last = await visitor.sign_in(alice_with_password, "wrong")
    assert last.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert (await visitor.sign_in(bob)).status_code == httpx.codes.FOUND


async def test_a_success_forgets_the_failures_before(visitor: Visitor, alice_with_password: User) -> None:
    for _ in range(3):
        for _ in range(4):
            assert (await visitor.sign_in(alice_with_password, "wrong")).status_code == httpx.codes.OK
        assert (await visitor.sign_in(alice_with_password)).status_code == httpx.codes.FOUND
        visitor.cookies.clear()


async def test_guessed_links_are_counted_and_a_good_one_is_not(anonymous: httpx.AsyncClient, alice: User) -> None:
    answers = [await anonymous.post(f"/sign-in/link/guess{number}", **BUTTON) for number in range(31)]
    assert [answer.status_code for answer in answers] == [403] * 30 + [429]
    await in_database(forget_attempts)
    for _ in range(35):
        link = await in_database(SignInLink.issue, alice)
        assert (await anonymous.post(f"/sign-in/link/{link}", **BUTTON)).status_code == httpx.codes.FOUND


async def test_a_refusal_is_in_the_audit_and_no_unknown_address_is(visitor: Visitor, alice_with_password: User) -> None:
    began = await in_database(AuditEntry.objects.count)
    await visitor.sign_in(alice_with_password, "wrong")
    await visitor.form("/sign-in", username="hunter2@secret.example", password="wrong")
    await recorded(action="sign_in.refused", target=str(alice_with_password.pk))
    assert await recorded(action="sign_in.refused", target="", seq__gt=began)
    assert not await in_database(AuditEntry.objects.filter(detail__contains="hunter2").exists)


@pytest.mark.parametrize("is_active", [True, False])
async def test_the_same_words_and_the_same_time_for_nobody(
    visitor: Visitor, alice_with_password: User, *, is_active: bool
) -> None:
    await in_database(User.objects.filter(pk=alice_with_password.pk).update, is_active=is_active)

    async def seconds(email: str) -> tuple[str, float]:
        began = time.perf_counter()
        answer = await visitor.form("/sign-in", username=email, password="wrong")
        return answer.text.replace(email, "").partition('id="password-error"')[2], time.perf_counter() - began

    pairs = [(await seconds(alice_with_password.email), await seconds("nobody-here@example.test")) for _ in range(5)]
    known, unknown = zip(*pairs, strict=True)
    assert {words.partition("</p>")[0] for words, _ in known} == {words.partition("</p>")[0] for words, _ in unknown}
    # The quickest of each: what a busy machine adds only makes the others slower.
    assert 0.5 < min(took for _, took in known) / min(took for _, took in unknown) < 2


def test_a_known_address_is_not_locked_out_by_guesses_from_everywhere(galaxy: Any, alice: User) -> None:
    Visit.objects.create(person=alice, how="password", address="192.0.2.7", client="")
    assert login_sessions.is_known(alice.email.upper(), "192.0.2.7")
    for number in range(attempts.ELSEWHERE.most):
        attempts.attempt("password", f"198.51.100.{number}", alice.email)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.attempt("password", "203.0.113.9", alice.email)
    attempts.attempt("password", "192.0.2.7", alice.email, is_known_here=True)


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_an_address_is_counted_as_a_whole_network_where_one_person_has_it(peer: str, counted: str) -> None:
    spoofed = {"client": (peer, 1), "headers": [(b"x-forwarded-for", b"10.9.9.9")]}
    assert attempts.address_of(spoofed) == counted


def test_nothing_typed_can_be_read_in_redis() -> None:
    assert PASSWORD not in attempts._key("password", "here", PASSWORD)
