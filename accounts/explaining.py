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
    if not grant.limits:
        return Part(grant, "Forbids it." if denies else "Allows it.", counts=True)
    if arguments is None:
        return Part(grant, "Forbids some arguments, not all." if denies else "Allows it, within its limits.", counts=not denies)
    outside = policy.complaint(grant, arguments)
    if denies:
        words = f"Does not forbid these arguments: {outside}." if outside else "Forbids these arguments."
    else:
        words = f"Does not allow these arguments: {outside}." if outside else "Allows these arguments."
    return Part(grant, words, counts=outside is None)
