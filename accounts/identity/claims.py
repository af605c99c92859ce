"""Claims about a person, and the one rule that decides whether a claimed address belongs to them.

It applies wherever an address becomes a person: at a provider's sign-in and for a proxy's signed statement. A plain header is
backed by the proxy's secret alone, so only the address is read there.
"""

import re
from collections.abc import Mapping
from typing import Any

EMAIL, VERIFIED = "email", "email_verified"
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^\s,@<>\"\x00-\x1f\x7f]+@[^\s,@<>\"\x00-\x1f\x7f]+")
TRUE = "true"  # some issuers send it as a string; no other value means yes


class NotVouched(Exception):
    """Ownership of the address is not confirmed. The message continues a sentence that starts with the issuer's name."""


class NoAddress(NotVouched):
    """There is no address."""


class Unverified(NotVouched):
    """The issuer says that the address is not verified."""


class NotSaid(NotVouched):
    """The issuer does not say whether the address is verified."""


def value_at(claims: Any, name: str) -> Any:
    """Return the claim of that name or path (such as `realm_access.roles`), or None.

    A name may itself contain dots, as an address or the id of an app does.
    """
    if not isinstance(claims, Mapping):
        return None
    if name in claims:
        return claims[name]
    heads = [name[:place] for place, character in enumerate(name) if character == "."]
    found = (value_at(claims[head], name[len(head) + 1 :]) for head in heads if head in claims)
    return next((value for value in found if value is not None), None)


def vouched_address(claims: Mapping[str, Any], *, claim: str = EMAIL, is_trusted: bool = False) -> str:
    """Return the address if it is the person's own. Raises NotVouched.

    `is_trusted`: the operator declares that every address from this issuer belongs to its person. It replaces a missing
    statement, never a no. A statement concerns `email`, and another claim only if both are the same.
    """
    value = value_at(claims, claim)
    if not isinstance(value, str) or not value:
        raise NoAddress(f"does not send an email address in the claim {claim}")
    address = read_address(value)
    if VERIFIED in claims and claims[VERIFIED] is not True and claims[VERIFIED] != TRUE:
        raise Unverified("says that your email address is not verified")
    is_said = VERIFIED in claims and (claim == EMAIL or claims.get(EMAIL) == value)
    if not is_said and not is_trusted:
        raise NotSaid("does not say whether your email address is verified")
    return address


def read_address(text: str) -> str:
    """Read a single email address, in lower case. Raises NoAddress."""
    if len(text) > LONGEST_ADDRESS or not ADDRESS.fullmatch(text):
        raise NoAddress("does not send a single email address")
    lower = text.lower()
    if lower.isascii() and not text.isascii():  # U+212A becomes k
        raise NoAddress("sends an email address with a character that changes in lower case")
    return lower
