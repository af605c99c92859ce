"""Text from outside that must be stored and sent on: PostgreSQL keeps no NUL, and UTF-8 has no lone surrogates. Pure."""

import math
import unicodedata
from uuid import UUID

# Letters and signs without a shape: the fillers of Hangul and the empty pattern of Braille.
UNSEEN = "\u115f\u1160\u3164\uffa0\u2800"
# Of controls, formats, surrogates, marks that only join or vary others, and spaces.
UNSEEN_KINDS = {"Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"}


def is_clean(text: str) -> bool:
    """Whether the text can be stored as it is."""
    return "\0" not in text and not _has_surrogates(text)


def is_blank(text: str) -> bool:
    """Tell whether nothing can be seen of it: no characters, or only spaces and those that have no shape."""
    return not any(one not in UNSEEN and unicodedata.category(one) not in UNSEEN_KINDS for one in text)


def is_clean_json(value: object) -> bool:
    """Whether this can be stored as JSON: each of its texts as it is, each of its numbers at all (RFC 8259, section 6)."""
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


def as_uuid(text: str) -> UUID | None:
    """The id that the text is; None for one that is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def cleaned(text: str) -> str:
    """The text without NUL; half a surrogate pair becomes the replacement character."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogates(text) else text


class Pieces:
    """Cleans a text that comes in pieces: a surrogate pair whose halves come in two of them is put together."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def cleaned(self, piece: str) -> str:
        """What can be stored of the text up to here; it may be nothing yet."""
        piece, self._half = self._half + piece, ""
        if "\ud800" <= piece[-1:] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        return cleaned(piece)


def _has_surrogates(text: str) -> bool:
    if text.isascii():  # the common case, and known without looking
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
