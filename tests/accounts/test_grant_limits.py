"""Limits of grants are judged without asking anyone, in a time that is known; what cannot be judged lets nothing through."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import USE, Thing, may
from accounts.models import Grant, User, grant_limits

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
    "a number of more than 64 bits": {"properties": {"a": {"const": 99999999999999999999999}}},
    "one that the database makes so": {"properties": {"a": {"maximum": 1e23}}},
    "one just beyond": {"minimum": -(2**63) - 1},
    "no object": ["maximum"],
}
MULTIPLE = {"properties": {"a": {"multipleOf": 0.5}}}
NOT_TO_BE_JUDGED = {
    "no number": (MULTIPLE, float("nan")),
    "no number, below the most": ({"properties": {"a": {"maximum": 80}}}, float("nan")),
    "an endless one": (MULTIPLE, float("-inf")),
    "more than a fraction can be": (MULTIPLE, 10**320),
    "more digits than are written": ({"properties": {"a": {"maximum": 80}}}, 10**5000),
    "half a character": ({"properties": {"a": {"maxLength": 1}}}, "\ud800"),
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


@pytest.mark.parametrize("limit", [-(2**63), 2**63 - 1])
def test_numbers_of_64_bits_are_limits(limit: int) -> None:
    grant_limits.check({"properties": {"a": {"const": limit}}})
    assert grant_limits.complaint({"properties": {"a": {"const": limit}}}, {"a": limit}) is None


@pytest.mark.parametrize("limits", [{"const": 10**23}, {"const": "\ud800"}])
def test_limits_that_cannot_be_written_let_nothing_through(limits: dict[str, Any]) -> None:
    assert not grant_limits.can_be_judged(limits)
    assert grant_limits.complaint(limits, {})


@pytest.mark.usefixtures("galaxy")
@pytest.mark.parametrize(("limits", "value"), NOT_TO_BE_JUDGED.values(), ids=NOT_TO_BE_JUDGED)
def test_arguments_that_cannot_be_judged_are_not_allowed_and_are_denied(
    limits: dict[str, Any], value: Any, alice: User, bob: User
) -> None:
    lamp, plug = (Thing("lamp", name, alice.tenant_id) for name in ("lamp", "plug"))
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="lamp", limits=limits)
    assert not may(bob, USE, lamp, {"a": value})
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="plug")
    assert may(bob, USE, plug, {"a": value})
    Grant.objects.create(tenant=alice.tenant, person=bob, action=USE, kind="lamp", target="plug", effect="deny", limits=limits)
    assert not may(bob, USE, plug, {"a": value})
