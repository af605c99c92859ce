"""Text from outside, made storable: PostgreSQL refuses NUL, and UTF-8 lone surrogates. Pure functions."""

import math
import unicodedata
from collections.abc import Iterable
from uuid import UUID

DEEPEST = 100  # values in one another
# Letters and signs without a shape: the fillers of Hangul and the empty pattern of Braille.
UNSEEN = "\u115f\u1160\u3164\uffa0\u2800"
# Persian words and signs made of several are written with them.
JOINERS = "\u200c\u200d"
# Controls, formats, surrogates, marks that only join or vary others, and spaces.
UNSEEN_KINDS = {"Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"}


def is_clean(text: str) -> bool:
    """Check whether the text can be stored unchanged."""
    return "\0" not in text and not _has_surrogates(text)


def is_blank(text: str) -> bool:
    """Check whether nothing of the text is visible: it is empty, or has only spaces and characters without a shape."""
    return not any(one not in UNSEEN and unicodedata.category(one) not in UNSEEN_KINDS for one in text)


def is_clean_json(value: object) -> bool:
    """Check whether the value can be stored as JSON: its texts unchanged, its numbers at all (RFC 8259, section 6)."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            left += [*part.keys(), *part.values()]
        elif isinstance(part, list | tuple):
            left += part
        elif (isinstance(part, str) and not is_clean(part)) or (isinstance(part, float) and not math.isfinite(part)):
            return False
    return True


def is_deep_json(value: object) -> bool:
    """Check whether so many values lie in one another that what reads, checks or writes them may fail."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [inner for part in layer if isinstance(part, dict | list) for inner in _inside(part)]
        if not layer:
            return False
    return True


def _inside(part: "dict[str, object] | list[object]") -> Iterable[object]:
    return part.values() if isinstance(part, dict) else part


def as_uuid(text: str) -> UUID | None:
    """Parse an id; None if the text is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def cleaned(text: str) -> str:
    """Remove NUL and replace lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogates(text) else text


def one_line(text: str) -> str:
    """The text on one line, without control characters: PostgreSQL takes no NUL."""
    return _on_one_line(text, {"Cc"})


def plain_line(text: str) -> str:
    """The same without what no one sees: a text can be turned round by it, or hold a second one. Joiners stay."""
    return _on_one_line(text, {"Cc", "Cf", "Co", "Cs"})


def _on_one_line(text: str, without: set[str]) -> str:
    kept = (one for one in text if one.isspace() or one in JOINERS or unicodedata.category(one) not in without)
    return " ".join("".join(kept).split())


class Pieces:
    """Cleans a text that arrives in pieces: a surrogate pair split between two of them is joined."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def cleaned(self, piece: str) -> str:
        """Return what can be stored of the text so far, which may be nothing yet."""
        piece, self._half = self._half + piece, ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        return cleaned(piece)


def _has_surrogates(text: str) -> bool:
    if text.isascii():  # the common case, known without encoding
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
