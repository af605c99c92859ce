"""What others claim of a person, and whether the address in it is theirs: the one rule, whoever vouches.

Asked by every door at which an address becomes a person: a provider's sign-in and a proxy's signed statement. Behind a plain
header stands the proxy's secret alone, so there only the address is read.
"""

import re
from collections.abc import Mapping
from typing import Any

EMAIL, VERIFIED = "email", "email_verified"
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^\s,@<>\"\x00-\x1f\x7f]+@[^\s,@<>\"\x00-\x1f\x7f]+")
TRUE = "true"  # some issuers write it as a text; nothing else is a yes


class NotVouched(Exception):
    """Nobody vouches that the address is the person's. Says why, as what follows the name of who told it."""


class NoAddress(NotVouched):
    """There is none."""


class Unverified(NotVouched):
    """It is said not to be verified."""


class NotSaid(NotVouched):
    """Nothing is said of it."""


def value_at(claims: Any, name: str) -> Any:
    """The claim of that name; of a nested one, as `realm_access.roles`, what its parts lead to. None where there is none.

    A name may hold dots itself, as an address or the id of an app does.
    """
    if not isinstance(claims, Mapping):
        return None
    if name in claims:
        return claims[name]
    heads = [name[:place] for place, character in enumerate(name) if character == "."]
    found = (value_at(claims[head], name[len(head) + 1 :]) for head in heads if head in claims)
    return next((value for value in found if value is not None), None)


def vouched_address(claims: Mapping[str, Any], *, claim: str = EMAIL, is_trusted: bool = False) -> str:
    """The address that is the person's own. Raises NotVouched.

    `is_trusted`: the operator says that every address from there is the person's. It stands in for what is not said, and never
    for a no. What is said is said of `email`: of another claim only where the two are the same.
    """
    value = value_at(claims, claim)
    if not isinstance(value, str) or not value:
        raise NoAddress(f"sends no e-mail address in the claim {claim}")
    address = read_address(value)
    if VERIFIED in claims and claims[VERIFIED] is not True and claims[VERIFIED] != TRUE:
        raise Unverified("says that your e-mail address is not verified")
    is_said = VERIFIED in claims and (claim == EMAIL or claims.get(EMAIL) == value)
    if not is_said and not is_trusted:
        raise NotSaid("does not say whether your e-mail address is verified")
    return address


def read_address(text: str) -> str:
    """The one e-mail address in a text, in lower case. Raises NoAddress."""
    if len(text) > LONGEST_ADDRESS or not ADDRESS.fullmatch(text):
        raise NoAddress("sends no single e-mail address")
    lower = text.lower()
    if lower.isascii() and not text.isascii():  # U+212A becomes k
        raise NoAddress("sends an address with a character that turns into another's in lower case")
    return lower
