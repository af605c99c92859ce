"""Limits of grants are judged without asking anybody, in a time that is known; what cannot be judged lets nothing through."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts import grant_limits
from accounts.access import USE, Thing, may
from accounts.models import Grant, User

BRIGHT = {"properties": {"brightness": {"type": "number", "minimum": 0, "maximum": 80}}, "required": ["brightness"]}
NESTED: dict[str, Any] = {}
for _ in range(40):
    NESTED = {"not": NESTED}
REFUSED: dict[str, Any] = {
    "a reference to an address": {"$ref": "http://127.0.0.1:9/x.json"},
    "a reference to a file, deep within": {"properties": {"a": {"anyOf": [{"$ref": "file:///etc/passwd"}]}}},
    "a dynamic reference": {"properties": {"a": {"$dynamicRef": "#x"}}},
    "an endless reference": {"$ref": "#"},
    "a pattern": {"properties": {"a": {"pattern": "^(a+)+$"}}},
    "a pattern of names": {"patternProperties": {"^(a+)+$": True}},
    "what is nested too deeply": NESTED,
    "what is too long": {"enum": list(range(500))},
    "no schema": {"properties": {"a": {"maximum": "80"}}},
    "no object": ["maximum"],
}


@pytest.mark.parametrize(("arguments", "fits"), [({"brightness": 80}, True), ({"brightness": 81}, False), ({}, False)])
def test_arguments_fit_or_do_not(arguments: dict[str, Any], *, fits: bool) -> None:
    assert (grant_limits.complaint(BRIGHT, arguments) is None) is fits


@pytest.mark.parametrize("limits", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_judged_is_refused_in_the_form(limits: Any) -> None:
    with pytest.raises(ValidationError):
        Grant._meta.get_field("limits").run_validators(limits)


@pytest.mark.usefixtures("galaxy")
@pytest.mark.parametrize("limits", [limits for limits in REFUSED.values() if isinstance(limits, dict)])
def test_rows_that_cannot_be_judged_allow_nothing_and_deny_all(limits: dict[str, Any], alice: User, bob: User) -> None:
    lamp, plug = (Thing("lamp", name, alice.tenant_id) for name in ("lamp", "plug"))
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="lamp", limits=limits)
    assert not may(bob, USE, lamp, {"a": "a" * 40 + "!"})
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="plug")
    assert may(bob, USE, plug, {"a": 1})
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="plug", effect="deny", limits=limits)
    assert not may(bob, USE, plug, {"a": 1})
