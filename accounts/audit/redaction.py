"""Redacts secrets before they are recorded, by the names of members and by the form of values."""

import re
from typing import Any

HIDDEN = "[hidden]"
LONGEST = 2_000
NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|api.?key|authorization|cookie|credential|private.?key|session", re.IGNORECASE
)
LOOKS = re.compile(
    r"gxy_[a-z]+_[\w-]{8,}"  # our own tokens
    r"|\b(sk|pk|rk|ghp|gho|ghs|xox[abp])[-_][\w-]{8,}"  # those of well-known providers
    r"|\bAIza[\w-]{20,}|\bAKIA[A-Z0-9]{12,}"
    r"|(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}\.[\w-]*"  # a JWT
    r"|(?<=[Bb]earer )\S+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # a password in an address
)


def redacted(value: Any) -> Any:
    """Copy the value without secrets; long texts are cut."""
    match value:
        case dict():
            return {str(name): _member(str(name), one) for name, one in value.items()}
        case list() | tuple() | set():
            return [redacted(one) for one in value]
        case str():
            return clean(value)
        case None | bool() | int() | float():
            return value
        case _:
            return clean(str(value))


def _member(name: str, value: Any) -> Any:
    """Redact a member by its name, but leave numbers: tokens are also counted."""
    is_number = value is None or isinstance(value, int | float)
    return HIDDEN if NAMES.search(name) and not is_number else redacted(value)


def clean(text: str) -> str:
    """Hide everything in the text that looks like a secret, and replace what PostgreSQL or UTF-8 cannot store."""
    hidden = LOOKS.sub(HIDDEN, text[:LONGEST])
    return hidden.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
