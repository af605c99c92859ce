"""Explanation of a decision: the grants that concern a person and a thing, and the effect of each."""

from typing import Any, NamedTuple

from accounts.access import Thing, grant_policy
from accounts.models import Grant, User


class Part(NamedTuple):
    """A grant and its effect on the decision, in words. `counts` is false for a grant that does not affect it."""

    grant: Grant
    words: str
    counts: bool


def parts(person: User, action: str, thing: Thing, arguments: dict[str, Any] | None) -> list[Part]:
    """List all grants and denials to the person, their groups or everyone, on the thing or on its whole kind."""
    found = grant_policy.grants_about(person, thing).order_by("-effect", "action", "target")
    return [_part(grant, action, arguments) for grant in found]


def _part(grant: Grant, action: str, arguments: dict[str, Any] | None) -> Part:
    denies = grant.effect == Grant.Effect.DENY
    covered = (grant_policy.FORBIDS if denies else grant_policy.ALLOWS)[grant.action]
    if action not in covered:
        return Part(grant, f"Says nothing about {action}.", counts=False)
    return _denial(grant, arguments) if denies else _allowance(grant, arguments)


def _denial(grant: Grant, arguments: dict[str, Any] | None) -> Part:
    if grant_policy.forbids(grant, arguments):
        told = grant.limits and arguments is not None
        return Part(grant, "Forbids these arguments." if told else "Forbids it.", counts=True)
    if arguments is None:
        return Part(grant, "Forbids some arguments, not all.", counts=False)
    return Part(grant, f"Does not forbid these arguments: {grant_policy.complaint(grant, arguments)}.", counts=False)


def _allowance(grant: Grant, arguments: dict[str, Any] | None) -> Part:
    if not grant.limits:
        return Part(grant, "Allows it.", counts=True)
    if arguments is None:
        return Part(grant, "Allows it, within its limits.", counts=True)
    outside = grant_policy.complaint(grant, arguments)
    words = f"Does not allow these arguments: {outside}." if outside else "Allows these arguments."
    return Part(grant, words, counts=outside is None)
