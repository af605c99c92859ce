"""Invitations: made by operators, passed on as a link, used once, and clear about what became of them."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from accounts.limits import attempts
from accounts.models import Group, Invitation, User
from accounts.people import invitations
from accounts.storage.connections import in_database
from tests.accounts.test_providers import by_provider
from tests.issuer import Issuer
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import PASSWORD, Visitor, recorded

pytestmark = pytest.mark.usefixtures("fresh_count")


async def invite(by: User, name: str = "new", **fields: Any) -> tuple[str, str]:
    """An invitation into the tenant of that person; gives the address and the path of the link."""
    email = f"{name}-{by.pk.hex[-8:]}@example.test"
    _, link = await in_database(invitations.invite, email, by.tenant, by=by, **fields)
    return email, "/invitation/" + link.rpartition("/")[2]


async def accept(visitor: Visitor, path: str, **fields: Any) -> httpx.Response:
    return await visitor.form(path, **({"name": "New Person", "password": PASSWORD} | fields))


async def test_an_invited_person_comes_in_once_and_into_the_groups(visitor: Visitor, alice: User) -> None:
    group = await in_database(Group.objects.create, tenant=alice.tenant, name="Adults")
    email, path = await invite(alice, groups=[group])
    for _ in range(2):
        page = await visitor.get(path)
        assert page.status_code == httpx.codes.OK
        assert alice.tenant.name in page.text
        assert "into Adults" in page.text
        assert email in page.text
    done = await accept(visitor, path)
    assert (done.status_code, done.headers["location"]) == (302, "/")
    me = (await visitor.get("/api/me")).json()
    assert (me["email"], me["name"], me["tenant"], me["is_operator"]) == (email, "New Person", str(alice.tenant_id), False)
    person = await in_database(User.objects.get, email=email)
    assert await in_database(lambda: [one.name for one in person.groups.all()]) == ["Adults"]
    again = await visitor.get(path)
    assert again.status_code == httpx.codes.GONE
    assert "This invitation has been used" in again.text


async def test_a_weak_password_or_none_does_not_spend_it(visitor: Visitor, alice: User) -> None:
    _, path = await invite(alice)
    blanks = (" " * 10, "\u3000\t\u00a0" * 4, "\u200b" * 12, "a" * 12, " a b" * 5)
    for password in ("", "short", "password12", *blanks):
        assert (await accept(visitor, path, password=password)).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (await accept(visitor, path, name=" ")).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert (await accept(visitor, path)).status_code == httpx.codes.FOUND


async def test_who_wants_a_passkey_needs_no_password(visitor: Visitor, alice: User) -> None:
    email, path = await invite(alice)
    done = await accept(visitor, path, password="", by="passkey")
    assert done.headers["location"] == "/settings/security/passkeys/add"
    assert (await visitor.get("/settings/security/passkeys/add")).status_code == httpx.codes.OK
    assert not (await in_database(User.objects.get, email=email)).has_usable_password()


async def test_of_ten_at_once_one_comes_in(galaxy: Galaxy, alice: User) -> None:
    email, path = await invite(alice)
    visitors = [Visitor(galaxy.base_url) for _ in range(10)]
    try:
        answers = await asyncio.gather(*(accept(visitor, path) for visitor in visitors))
    finally:
        await asyncio.gather(*(visitor.aclose() for visitor in visitors))
    assert sorted(answer.status_code for answer in answers) == [302] + [410] * 9
    assert await in_database(User.objects.filter(email=email).count) == 1


async def test_old_revoked_replaced_and_unknown_ones_say_so(visitor: Visitor, alice: User) -> None:
    async def words(path: str) -> str:
        return " ".join(re.findall(r"<h1>(.*?)</h1>", (await visitor.get(path)).text))

    email, old = await invite(alice, "late")
    await in_database(Invitation.objects.filter(email=email).update, expires_at=timezone.now() - timedelta(minutes=1))
    assert await words(old) == "This invitation has expired"
    email, first = await invite(alice, "twice")
    _, second = await invite(alice, "twice")
    assert await words(first) == "There is a newer invitation"
    assert await words(second) == "Welcome to Galaxy Chat"
    (left,) = await in_database(invitations.open_for, email)
    assert await in_database(invitations.revoke, left)
    assert await words(second) == "This invitation was revoked"
    assert (await accept(visitor, second)).status_code == httpx.codes.GONE
    assert await words("/invitation/nothing") == "This invitation does not exist"


async def test_who_opens_what_is_over_again_and_again_does_not_fill_the_audit(visitor: Visitor, alice: User) -> None:
    email, path = await invite(alice)
    found = await in_database(Invitation.objects.get, email=email)
    assert await in_database(invitations.revoke, found)
    answers = [(await visitor.get(path)).status_code for _ in range(attempts.ADDRESS.most + 5)]
    assert answers == [httpx.codes.GONE] * attempts.ADDRESS.most + [httpx.codes.TOO_MANY_REQUESTS] * 5
    assert len(await recorded(action="invitation.refused", target=str(found.pk))) <= attempts.ADDRESS.most


async def test_one_whose_person_came_in_another_way_is_counted_like_any_that_is_over(visitor: Visitor, alice: User) -> None:
    email, path = await invite(alice)
    await in_database(User.objects.create_user, email, tenant=alice.tenant)
    answers = [(await accept(visitor, path)).status_code for _ in range(attempts.ADDRESS.most + 1)]
    assert answers == [httpx.codes.GONE] * attempts.ADDRESS.most + [httpx.codes.TOO_MANY_REQUESTS]


async def test_somebody_who_is_here_is_not_invited_and_a_foreign_group_is_not_given(alice: User, charlie: User) -> None:
    def wrong(email: str, **fields: Any) -> str:
        with pytest.raises(invitations.CannotInvite) as refused:
            invitations.invite(email, alice.tenant, **fields)
        return str(refused.value)

    assert "already has an account" in await in_database(wrong, charlie.email.upper())
    assert "not an email address" in await in_database(wrong, "nonsense")
    foreign = await in_database(Group.objects.create, tenant=charlie.tenant, name="Foreign")
    assert "another tenant" in await in_database(wrong, "new@example.test", groups=[foreign])


async def test_a_provider_brings_in_only_who_was_invited(visitor: Visitor, issuer: Issuer, alice: User) -> None:
    email, path = await invite(alice)
    await visitor.get(path)
    issuer.claims = {"sub": "other", "email": "somebody-else@example.test", "email_verified": True}
    assert f"You were invited as {email}" in (await by_provider(visitor)).text
    issuer.claims = {"sub": email, "email": email, "email_verified": False}
    assert (await by_provider(visitor)).status_code == httpx.codes.FORBIDDEN
    issuer.claims = {"sub": email, "email": email, "email_verified": True, "name": "By Provider"}
    assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
    me = (await visitor.get("/api/me")).json()
    assert (me["email"], me["name"], me["tenant"]) == (email, "By Provider", str(alice.tenant_id))


def test_the_command_prints_a_link_and_takes_it_back(galaxy: Galaxy, alice: User) -> None:
    email = f"by-command-{alice.pk.hex[-8:]}@example.test"
    link = galaxy.manage("invite", email, "--tenant", alice.tenant.name).strip()
    assert httpx.get(link).status_code == httpx.codes.OK
    assert galaxy.manage("invite", email, "--revoke").strip() == "Revoked: 1."
    assert httpx.get(link).status_code == httpx.codes.GONE


async def test_an_operator_invites_in_the_admin_and_sees_the_link_once(visitor: Visitor, alice: User, charlie: User) -> None:
    await in_database(User.objects.filter(pk__in=[alice.pk, charlie.pk]).update, is_staff=True)
    visitor.cookies.set("galaxy_session", await in_database(session_of, alice), domain="127.0.0.1")
    email = f"by-admin-{alice.pk.hex[-8:]}@example.test"
    form = {"email": email}
    assert (await visitor.form("/admin/accounts/invitation/add/", **form)).status_code == httpx.codes.FOUND
    page = (await visitor.get("/admin/accounts/invitation/")).text
    (link,) = re.findall(r"once: <code[^>]*>http://[^/]+(/invitation/[\w-]+)", page)
    assert (await visitor.get(link)).status_code == httpx.codes.OK
    refused = await visitor.form("/admin/accounts/invitation/add/", **(form | {"email": alice.email}))
    assert "already has an account" in refused.text
    assert email in (await visitor.get("/admin/accounts/invitation/")).text
    visitor.cookies.set("galaxy_session", await in_database(session_of, charlie), domain="127.0.0.1")
    elsewhere = await visitor.get("/admin/accounts/invitation/")
    assert elsewhere.status_code == httpx.codes.OK
    assert email not in elsewhere.text
