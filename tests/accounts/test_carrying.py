"""Requests sent before a person has proved who they are: kept and carried out afterwards. A new link is proof as well."""

import re

import httpx
import pytest

from accounts.models import SignInLink, User
from accounts.storage.connections import in_database
from tests.people import session_of
from tests.visitor import PASSWORD, Visitor, with_password

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
KEY = re.compile(r"form=([\w-]+)")


@pytest.fixture
async def operator(visitor: Visitor, alice: User) -> Visitor:
    """Alice, an operator who came in more than ten minutes ago and has no password."""
    await User.objects.filter(pk=alice.pk).aupdate(is_staff=True)
    visitor.cookies.set("galaxy_session", await in_database(session_of, alice), domain="127.0.0.1")
    return visitor


async def suspend(operator: Visitor, person: User) -> httpx.Response:
    """Fill in the page of the person."""
    page = f"/admin/accounts/user/{person.pk}/change/"
    return await operator.form(page, email=person.email, name='Bob <&> "B"', is_suspended="on", _save="Save")


async def test_a_change_is_carried_on_after_a_new_link_was_shown(
    operator: Visitor, alice: User, bob: User, fresh_count: None
) -> None:
    sent = await suspend(operator, bob)
    asked = await operator.get(sent.headers["location"])
    assert "Your change is kept" in asked.text
    assert "Use a new sign-in link" in asked.text
    key = KEY.findall(sent.headers["location"])[0]
    wrong = await operator.form("/sign-in/again", form=key, link=await in_database(SignInLink.issue, bob))
    assert "This link is for another person" in wrong.text
    link = f"{operator.base_url}/sign-in/link/{await in_database(SignInLink.issue, alice)}"
    shown = await operator.form("/sign-in/again", form=key, link=f" {link} ")
    fields = {name: value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
              for name, value in HIDDEN.findall(shown.text)}  # fmt: skip
    assert (await User.objects.aget(pk=bob.pk)).is_active
    fields.pop("csrfmiddlewaretoken")
    done = await operator.form(f"/admin/accounts/user/{bob.pk}/change/", **fields)
    assert done.status_code == httpx.codes.FOUND, done.text
    changed = await User.objects.aget(pk=bob.pk)
    assert (changed.is_active, changed.name) == (False, 'Bob <&> "B"')
    again = await operator.form("/sign-in/again", form=key, link=link)
    assert "was used" in again.text


async def test_a_form_with_a_secret_is_not_kept(operator: Visitor, fresh_count: None) -> None:
    sent = await operator.form("/settings/security/password", new_password1=PASSWORD, new_password2=PASSWORD)
    assert sent.headers["location"] == "/sign-in/again?next=/settings/security"


async def test_a_form_is_found_by_its_own_key_alone(operator: Visitor, alice: User, bob: User, fresh_count: None) -> None:
    await suspend(operator, bob)
    await in_database(with_password, alice)
    operator.cookies.set("galaxy_session", await in_database(session_of, alice), domain="127.0.0.1")
    link = await in_database(SignInLink.issue, alice)
    assert "for another person" in (await operator.form("/sign-in/again", link=link)).text  # who has a password shows that
    shown = await operator.form("/sign-in/again", form="of-another-session", password=PASSWORD)
    assert shown.headers["location"] == "/settings/security"
    assert (await User.objects.aget(pk=bob.pk)).is_active


async def test_who_comes_in_by_a_link_is_asked_for_a_password_until_there_is_one(
    visitor: Visitor, alice: User, fresh_count: None
) -> None:
    await visitor.form(f"/sign-in/link/{await in_database(SignInLink.issue, alice)}")
    asked = (await visitor.get("/")).text
    assert "have no password yet" in asked
    assert "passkey" not in asked  # none works at an address of numbers
    done = await visitor.form("/settings/security/password", new_password1=PASSWORD, new_password2=PASSWORD)
    assert done.status_code == httpx.codes.FOUND
    assert "Your password is set." in (await visitor.get("/settings/security")).text
    assert "have no password yet" not in (await visitor.get("/")).text
    visitor.cookies.clear()
    await visitor.sign_in(alice)
    assert "have no password yet" not in (await visitor.get("/")).text
