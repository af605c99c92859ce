"""Why somebody may or may not: the grants that touch a person and a thing, and the part that each of them plays."""

from typing import Any, NamedTuple

from accounts import policy
from accounts.access import Thing
from accounts.models import Grant, User


class Part(NamedTuple):
    """A grant, and what it does to the question, in words. `counts` is false for one that changes nothing about it."""

    grant: Grant
    words: str
    counts: bool


def parts(person: User, action: str, thing: Thing, arguments: dict[str, Any] | None) -> list[Part]:
    """Every grant and denial to the person, a group of theirs or everybody, on the thing or all of its kind."""
    found = policy.grants_about(person, thing).order_by("-effect", "action", "target")
    return [_part(grant, action, arguments) for grant in found]


def _part(grant: Grant, action: str, arguments: dict[str, Any] | None) -> Part:
    denies = grant.effect == Grant.Effect.DENY
    covered = (policy.FORBIDS if denies else policy.ALLOWS)[grant.action]
    if action not in covered:
        return Part(grant, f"Says nothing about {action}.", counts=False)
    return _denial(grant, arguments) if denies else _allowance(grant, arguments)


def _denial(grant: Grant, arguments: dict[str, Any] | None) -> Part:
    if policy.forbids(grant, arguments):
        told = grant.limits and arguments is not None
        return Part(grant, "Forbids these arguments." if told else "Forbids it.", counts=True)
    if arguments is None:
        return Part(grant, "Forbids some arguments, not all.", counts=False)
    return Part(grant, f"Does not forbid these arguments: {policy.complaint(grant, arguments)}.", counts=False)


def _allowance(grant: Grant, arguments: dict[str, Any] | None) -> Part:
    if not grant.limits:
        return Part(grant, "Allows it.", counts=True)
    if arguments is None:
        return Part(grant, "Allows it, within its limits.", counts=True)
    outside = policy.complaint(grant, arguments)
    words = f"Does not allow these arguments: {outside}." if outside else "Allows these arguments."
    return Part(grant, words, counts=outside is None)
