"""Effective access: as it is decided everywhere, with the rule, the grants that touch it, and words for bad input."""

import uuid

import httpx
import pytest

from accounts.models import Grant, Group, User
from chat.models import Conversation
from tests.accounts.operators.steps import operator
from tests.stack import Galaxy

PAGE = "/admin/effective-access/"
MODEL = {"action": "use", "kind": "model", "target": "Stand-in"}


@pytest.fixture
def browser(galaxy: Galaxy, alice: User) -> httpx.Client:
    return operator(galaxy, alice)


def asked(browser: httpx.Client, whom: User, **question: str) -> str:
    page = browser.get(PAGE, params={"person": whom.email, "arguments": ""} | MODEL | question)
    assert page.status_code == 200
    return " ".join(page.text.replace("&#x27;", "'").replace("&quot;", '"').split())


def test_a_denial_is_named_with_what_it_outweighs(browser: httpx.Client, alice: User, bob: User) -> None:
    assert "Yes</span> " + f"{bob.email} may use model Stand-in." in asked(browser, bob)
    group = Group.objects.create(tenant=alice.tenant, name="Children")
    group.people.add(bob)
    denial = Grant.objects.create(
        tenant=alice.tenant, group=group, effect="deny", action="use", kind="model", target="Stand-in"
    )
    page = asked(browser, bob)
    assert "No</span> " + f"{bob.email} may not use model Stand-in." in page
    assert "Why: Children may not use model Stand-in." in page
    assert f"/admin/accounts/grant/{denial.pk}/change/" in page
    assert "Forbids it." in page
    assert "Allows it." in page  # everyone's, which the denial outweighs
    assert "may use any model" in asked(browser, bob, target="")


def test_limits_are_tried_with_the_arguments(browser: httpx.Client, alice: User, bob: User) -> None:
    Grant.objects.filter(tenant=alice.tenant).delete()
    limits = {"properties": {"brightness": {"maximum": 80}}}
    Grant.objects.create(tenant=alice.tenant, person=bob, action="use", kind="model", limits=limits)
    assert "Allows it, within its limits." in asked(browser, bob)
    assert "Allows these arguments." in asked(browser, bob, arguments='{"brightness": 20}')
    page = asked(browser, bob, arguments='{"brightness": 90}')
    assert "may not use model Stand-in with these arguments." in page
    assert "brightness: 90 is greater than the maximum of 80" in page


def test_an_owner_may_without_a_grant(browser: httpx.Client, alice: User, bob: User) -> None:
    talk = Conversation.objects.create(tenant=alice.tenant, owner=bob, title="What only Bob knows")
    about = {"kind": "conversation", "target": str(talk.pk)}
    page = asked(browser, bob, action="own", **about)
    assert "it is their own" in page
    assert f"{bob.email} may delete or share conversation of {bob.email}, " in page
    assert "What only Bob knows" not in page
    assert "nothing grants it" in asked(browser, alice, action="read", **about)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"person": "nobody@example.test"}, "No one in your tenant has this address."),
        ({"arguments": "{"}, "This is not valid JSON: Expecting property name"),
        ({"arguments": "[1]"}, "Arguments must be an object"),
        ({"arguments": '{"a": NaN}'}, "a number or a character that JSON does not allow"),
        ({"arguments": '{"a": 1e400}'}, "a number or a character that JSON does not allow"),
        ({"arguments": r'{"a": "\ud800"}'}, "a number or a character that JSON does not allow"),
        ({"action": "read"}, "Choose an action that a model has: use."),
        ({"kind": "spoon"}, "Select a valid choice"),
        ({"kind": "conversation", "action": "read", "target": str(uuid.uuid4())}, "This conversation does not exist"),
        ({"kind": "conversation", "action": "read", "target": "x"}, "This conversation does not exist"),
    ],
)
def test_bad_input_gets_a_sentence(browser: httpx.Client, bob: User, wrong: dict[str, str], words: str) -> None:
    assert words in asked(browser, bob, **wrong)


def test_a_denial_forbids_arguments_of_which_nobody_can_tell(browser: httpx.Client, alice: User, bob: User) -> None:
    limits = {"properties": {"a": {"multipleOf": 0.5}}}
    Grant.objects.create(tenant=alice.tenant, person=bob, effect="deny", action="use", kind="model", target="*", limits=limits)
    assert "Does not forbid these arguments: a: 0.7 is not a multiple of 0.5." in asked(browser, bob, arguments='{"a": 0.7}')
    page = asked(browser, bob, arguments=f'{{"a": 1{"0" * 320}}}')
    assert "may not use model Stand-in" in page
    assert "Forbids these arguments." in page
