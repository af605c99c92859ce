"""Signing in by a provider: who is let in, who is linked, who is refused, and which groups follow."""

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from accounts import egress
from accounts.models import Group, Membership, User
from accounts.sign_in.providers import calling
from accounts.storage import hints
from accounts.storage.connections import in_database
from tests.issuer import Issuer
from tests.issuer.settings import provider_settings
from tests.ports import free_port
from tests.stack import Galaxy, Providers
from tests.visitor import Visitor, recorded

pytestmark = pytest.mark.usefixtures("fresh_count")
ADDRESS = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')


async def leave(visitor: Visitor, provider: str = "oidc", **fields: Any) -> str:
    """Press the provider's button; gives where the page leads."""
    page = await visitor.form(f"/sign-in/with/{provider}", **fields)
    assert page.status_code == httpx.codes.OK, page.text
    return str(ADDRESS.findall(page.text)[0]).replace("&amp;", "&")


async def come_back(visitor: Visitor, address: str) -> httpx.Response:
    """Go where the page leads, and follow the provider's way back."""
    there = await visitor.get(address)
    return await visitor.get(there.headers["location"])


async def by_provider(visitor: Visitor, provider: str = "oidc", **fields: Any) -> httpx.Response:
    return await come_back(visitor, await leave(visitor, provider, **fields))


def claims(person: User, **more: Any) -> dict[str, Any]:
    return {"sub": f"sub of {person.email}", "email": person.email, "email_verified": True, "name": "Somebody"} | more


async def groups_of(person: User) -> dict[str, str]:
    rows = Membership.objects.filter(person=person).values_list("group__name", "source")
    return dict(await in_database(list, rows))


async def test_the_way_there_has_state_nonce_and_pkce_and_next_stays_here(
    visitor: Visitor, issuer: Issuer, alice: User
) -> None:
    issuer.claims = claims(alice)
    address = await leave(visitor, next="/conversations")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{issuer.url}/authorize?")
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 16
    assert len(asked["nonce"]) == 64
    assert asked["redirect_uri"] == str(visitor.base_url.join("/sign-in/with/oidc/back"))
    assert (await come_back(visitor, address)).headers["location"] == "/conversations"
    assert (await by_provider(visitor, next="https://evil.example/")).headers["location"] == "/"


async def test_a_verified_address_links_to_the_person_and_the_name_there_does_afterwards(
    visitor: Visitor, issuer: Issuer, alice: User
) -> None:
    issuer.claims = claims(alice)
    assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
    assert (await visitor.get("/api/me")).json()["email"] == alice.email
    visitor.cookies.clear()
    issuer.claims = claims(alice, email="now-married@example.test", email_verified=False)
    await by_provider(visitor)
    assert (await visitor.get("/api/me")).json()["email"] == alice.email


NOES: tuple[Any, ...] = (False, None, "false", "no", 0, 1, [])
NO, SILENT, NONE = (
    "says that your email address is not verified. Verify it there.",
    "does not say whether your email address is verified. The operator of this server can trust",
    "does not send an email address in the claim email. The operator of this server can name the claim",
)


@pytest.mark.parametrize(
    ("told", "words"),
    [({"email_verified": value}, NO) for value in NOES]
    + [({"email_verified": "left out"}, SILENT), ({"email": "left out", "preferred_username": "alice"}, NONE)],
    ids=str,
)
async def test_an_address_that_is_not_verified_is_refused_with_the_true_cause(
    visitor: Visitor, issuer: Issuer, alice: User, told: dict[str, Any], words: str
) -> None:
    issuer.claims = {name: value for name, value in (claims(alice) | told).items() if value != "left out"}
    refused = await by_provider(visitor)
    assert refused.status_code == httpx.codes.FORBIDDEN
    assert words in refused.text
    assert not await visitor.is_in()
    assert not await in_database(SocialAccount.objects.filter(user=alice).exists)


@pytest.mark.parametrize("signed", [{"email": "own@example.test", "email_verified": True}, {"email_verified": True}])
async def test_an_address_is_verified_by_who_tells_it(
    visitor: Visitor, issuer: Issuer, alice: User, signed: dict[str, Any]
) -> None:
    issuer.claims, issuer.told = {"sub": "somebody", **signed}, {"email": alice.email}
    assert (await by_provider(visitor)).status_code == httpx.codes.FORBIDDEN
    assert not await visitor.is_in()


async def test_what_cannot_be_kept_is_refused_and_makes_nobody(visitor: Visitor, issuer: Issuer, alice: User) -> None:
    for odd in ({"picture": "\0"}, {"name\0": "x"}, {"name": "half a \ud800"}):
        issuer.claims, issuer.told = claims(alice), {**claims(alice), **odd}
        refused = await by_provider(visitor)
        assert refused.status_code == httpx.codes.FORBIDDEN, odd
        assert not await in_database(SocialAccount.objects.filter(user=alice).exists)


async def test_a_stranger_is_refused_unless_invited(visitor: Visitor, issuer: Issuer, alice: User) -> None:
    issuer.claims = claims(alice, email="nobody-here@example.test")
    refused = await by_provider(visitor)
    assert "No one here has the address nobody-here@example.test" in refused.text
    assert not await in_database(User.objects.filter(email="nobody-here@example.test").exists)


async def test_somebody_switched_off_is_refused_and_not_linked(visitor: Visitor, issuer: Issuer, alice: User) -> None:
    await in_database(User.objects.filter(pk=alice.pk).update, is_active=False)
    issuer.claims = claims(alice)
    assert "This account is suspended. Ask an operator" in (await by_provider(visitor)).text
    assert not await in_database(SocialAccount.objects.filter(user=alice).exists)


async def test_groups_come_and_go_with_the_claim_and_what_an_operator_decided_stays(
    visitor: Visitor, issuer: Issuer, alice: User, charlie: User
) -> None:
    def prepare() -> None:
        for name, claim in (("Adults", "family-adults"), ("Builders", "builders"), ("Friends", "friends"), ("Unmapped", "")):
            Group.objects.create(tenant=alice.tenant, name=name, claim=claim)
        Group.objects.create(tenant=charlie.tenant, name="Foreign", claim="family-adults")
        friends = Group.objects.get(tenant=alice.tenant, name="Friends")
        Membership.objects.create(group=friends, person=alice)

    await in_database(prepare)

    async def told(groups: Any) -> dict[str, str]:
        issuer.claims = claims(alice) | ({} if groups is None else {"groups": groups})
        assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
        return await groups_of(alice)

    by_hand = {"Friends": "operator"}
    assert await told(["family-adults", "builders", "Unmapped", "friends", ""]) == by_hand | {
        "Adults": "provider",
        "Builders": "provider",
    }
    assert await told("builders") == by_hand | {"Builders": "provider"}
    assert await told(None) == by_hand | {"Builders": "provider"}
    assert await told([{"odd": 1}, "builders"]) == by_hand | {"Builders": "provider"}
    for unreadable in ([{"id": 7, "name": "builders"}], {"name": "builders"}, [["builders"]]):
        assert await told(unreadable) == by_hand | {"Builders": "provider"}, unreadable
    assert await told([]) == by_hand
    assert not (await in_database(User.objects.get, pk=alice.pk)).is_staff

    membership: dict[str, Any] = {"kind": "membership", "detail__contains": f"{alice.pk} in Builders"}
    await recorded(action="membership.deleted", **membership)
    assert [entry.action for entry in await recorded(**membership)] == ["membership.created", "membership.deleted"]


async def test_groups_that_do_not_arrive_are_known_to_the_doctor_until_they_do(
    visitor: Visitor, issuer: Issuer, galaxy: Galaxy, alice: User
) -> None:
    await in_database(partial(Group.objects.create, tenant=alice.tenant, name="Builders", claim="builders"))

    async def hinted(groups: dict[str, Any]) -> str:
        issuer.claims = claims(alice) | groups
        assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
        return await in_database(hints.kept, hints.GROUPS_CLAIM)

    assert await hinted({"groups": ["builders"]}) == ""
    assert await hinted({}) == "the provider sent no claim groups"
    assert await hinted({"groups": {"name": "builders"}}) == "the claim groups could not be read"
    assert "at the last sign-in the claim groups could not be read" in await asyncio.to_thread(galaxy.manage, "doctor")
    assert await hinted({"groups": []}) == ""


@pytest.mark.parametrize(
    "wrong",
    ["signature", "audience", "nonce", "issuer", "expired", "alg none", "HS256", "subject", "party"],
)
async def test_a_token_that_is_not_the_issuer_s_for_us_and_now_is_not_believed(
    visitor: Visitor, issuer: Issuer, alice: User, wrong: str
) -> None:
    issuer.claims, issuer.wrong = claims(alice), wrong
    refused = await by_provider(visitor)
    assert refused.status_code == httpx.codes.FORBIDDEN
    assert "could not be verified" in refused.text
    assert not await visitor.is_in()


async def test_a_way_back_counts_once_and_in_its_own_browser(
    galaxy: Galaxy, visitor: Visitor, issuer: Issuer, alice: User
) -> None:
    issuer.claims = claims(alice)
    back = (await visitor.get(await leave(visitor))).headers["location"]
    async with Visitor(galaxy.base_url) as victim:
        assert "not started here" in (await victim.get(back)).text
        assert not await victim.is_in()
    assert (await visitor.get(back)).status_code == httpx.codes.FOUND
    visitor.cookies.delete("galaxy_session")
    assert "not started here" in (await visitor.get(back)).text
    for odd in ("", "?code=x", "?state=x", "?error=x&state=y"):
        assert (await visitor.get(f"/sign-in/with/oidc/back{odd}")).status_code == httpx.codes.FORBIDDEN


async def test_who_changes_their_mind_is_back_at_the_sign_in_page(visitor: Visitor, issuer: Issuer) -> None:
    issuer.wrong = "cancelled"
    assert (await by_provider(visitor)).headers["location"] == "/sign-in"


async def test_there_is_no_other_provider_and_no_leaving_by_a_link(visitor: Visitor, issuer: Issuer) -> None:
    assert (await visitor.form("/sign-in/with/google")).status_code == httpx.codes.NOT_FOUND
    assert (await visitor.get("/sign-in/with/oidc")).status_code == httpx.codes.METHOD_NOT_ALLOWED


async def test_github_brings_in_who_has_a_verified_address_there(
    visitor: Visitor, issuer: Issuer, alice: User, bob: User
) -> None:
    def address(email: str, *, verified: bool, primary: bool = False) -> dict[str, Any]:
        return {"email": email, "verified": verified, "primary": primary}

    issuer.claims = {"id": alice.pk.int % 10**9, "login": "alice", "name": "Alice"}
    issuer.claims["emails"] = [address(bob.email, verified=False, primary=True), address(alice.email.upper(), verified=True)]
    assert (await by_provider(visitor, "github")).headers["location"] == "/"
    assert (await visitor.get("/api/me")).json()["email"] == alice.email


async def test_an_account_of_another_address_is_linked_by_whoever_is_signed_in(
    galaxy: Galaxy, visitor: Visitor, issuer: Issuer, alice_with_password: User, bob: User
) -> None:
    await visitor.sign_in(alice_with_password)
    issuer.claims = claims(alice_with_password, email="other@elsewhere.example", email_verified=False)
    page = await visitor.form("/settings/security/providers/oidc/link")
    back = await come_back(visitor, ADDRESS.findall(page.text)[0].replace("&amp;", "&"))
    assert back.headers["location"] == "/settings/security"
    async with Visitor(galaxy.base_url) as phone:
        await by_provider(phone)
        assert (await phone.get("/api/me")).json()["email"] == alice_with_password.email
    account = await in_database(SocialAccount.objects.get, user=alice_with_password)
    assert (await visitor.form(f"/settings/security/providers/{account.pk}/part")).status_code == httpx.codes.FOUND
    async with Visitor(galaxy.base_url) as phone:
        assert (await by_provider(phone)).status_code == httpx.codes.FORBIDDEN


async def test_a_second_factor_stands_behind_the_provider_too(
    visitor: Visitor, issuer: Issuer, alice_with_password: User
) -> None:
    await visitor.sign_in(alice_with_password)
    await visitor.add_app()
    visitor.cookies.clear()
    issuer.claims = claims(alice_with_password)
    assert (await by_provider(visitor)).headers["location"] == "/sign-in/code"
    assert not await visitor.is_in()


async def test_with_sign_up_by_providers_whoever_they_vouch_for_comes_in(
    issuer: Issuer, stand_in_process: Providers, tmp_path: Path
) -> None:
    settings = provider_settings(int(issuer.url.rpartition(":")[2])) | {"SIGN_UP": "providers"}
    installation = Galaxy(tmp_path, free_port(), stand_in_process, **settings)
    await asyncio.to_thread(installation.start)
    try:
        async with Visitor(installation.base_url) as visitor:
            issuer.claims = {"sub": "new", "email": "New.Person@example.test", "email_verified": True, "name": "New Person"}
            assert (await by_provider(visitor)).status_code == httpx.codes.FOUND
            me = (await visitor.get("/api/me")).json()
            assert (me["email"], me["name"], me["is_operator"]) == ("new.person@example.test", "New Person", False)
    finally:
        await asyncio.to_thread(installation.stop)


def test_what_an_issuer_names_in_the_own_network_is_not_called(galaxy: Galaxy, issuer: Issuer) -> None:
    with calling.ProviderSession() as session:
        assert session.get(f"{settings.ENVIRONMENT.oidc_issuer}/.well-known/openid-configuration").status_code == httpx.codes.OK
        with pytest.raises(calling.BadAnswer) as refused:
            session.get(f"{galaxy.base_url}/healthz")
    assert isinstance(refused.value.__cause__, egress.Forbidden)
