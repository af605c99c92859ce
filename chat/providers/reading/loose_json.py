"""Values as models write them when they nearly write JSON. Pure; the time it takes grows with the length alone.

Made right are: single or curly quotes, a comma too many, Python's True, False and None, names without quotes, line ends within
texts, and brackets that are missing or too many at the end. Whatever else is wrong stays wrong.
"""

import json
import re
from typing import Any, NamedTuple

from chat.providers.reading.extents import CLOSING, OPENING, QUOTES, leave

DEEPEST = 100  # brackets
WORDS = {"True": "true", "False": "false", "None": "null"}

_TOKEN = re.compile(r"\s*(?:(?P<bare>[\w+-][\w+.-]*)|(?P<mark>[{}\[\],:])|(?P<quote>[\"'“]))")
_NAMED = re.compile(r"\s*:")
_END = re.compile(r"[\s}\]);]*")
_INNER = re.compile(r"\\(?P<known>[\"\\/bfnrtu])|\\(?P<other>.)|(?P<quote>\")", re.DOTALL)


class NotReadable(ValueError):
    """The text is not nearly JSON."""


class Loose(NamedTuple):
    """A value, and what was made right to read it, in words."""

    value: Any
    mended: tuple[str, ...] = ()


def read(text: str, *, is_whole: bool = False) -> Loose:
    """The value of a text. What is JSON is read as it is. Raises NotReadable.

    A text that ends in the middle of a number or a list of arguments may have been cut; not so where `is_whole`.
    """
    try:
        return Loose(json.loads(text))
    except (ValueError, RecursionError):
        mending = _Mending(text, is_whole=is_whole)
    try:
        return Loose(json.loads(mending.strict(), strict=False), tuple(dict.fromkeys(mending.mended)))
    except (ValueError, RecursionError) as error:
        raise NotReadable(str(error)) from error


class _Mending:
    """Writes a text again as JSON."""

    def __init__(self, text: str, *, is_whole: bool) -> None:
        self._text = text.strip()
        self._is_whole = is_whole or self._text.endswith(tuple(CLOSING))
        self._at = 0
        self._open: list[str] = []  # the brackets that must still come
        self._made: list[str] = []
        self.mended: list[str] = []

    def strict(self) -> str:
        """The text as JSON, as far as it can be. Raises NotReadable."""
        if not self._text.startswith(tuple(OPENING)):
            raise NotReadable("There is no object.")
        while self._at < len(self._text) and (self._open or not self._made):
            self._token()
        if self._open and not self._is_whole:
            raise NotReadable("Its end is missing.")
        if not self._open and not _END.fullmatch(self._text, self._at):
            raise NotReadable("More follows the object.")
        self._close_to(0)
        return "".join(self._made)

    def _token(self) -> None:
        token = _TOKEN.match(self._text, self._at)
        if token is None:
            raise NotReadable(f"“{self._text[self._at : self._at + 20]}” belongs to no value.")
        self._at = token.end()
        if quote := token["quote"]:
            self._made.append(self._quoted(quote))
        elif bare := token["bare"]:
            self._made.append(self._bare(bare))
        else:
            self._mark(token["mark"])

    def _quoted(self, quote: str) -> str:
        end, ended = leave(self._text, self._at, QUOTES[quote], is_all=True)
        if not ended:
            raise NotReadable("A text in it has no end.")
        body, self._at = self._text[self._at : end - 1], end
        if "\n" in body:
            self.mended.append("line ends within a text were kept")
        if quote != '"':
            self.mended.append("other quotes were read as double ones")
        return f'"{_INNER.sub(_escaped, body)}"'

    def _bare(self, bare: str) -> str:
        if _NAMED.match(self._text, self._at):
            self.mended.append("quotes were added to names without them")
            return json.dumps(bare)
        if bare in WORDS:
            self.mended.append("Python’s True, False and None were read as JSON’s")
        return WORDS.get(bare, bare)

    def _mark(self, mark: str) -> None:
        last = self._made[-1] if self._made else ""
        if len(self._open) > DEEPEST:
            raise NotReadable("It is nested too deeply.")
        if mark in CLOSING and mark in self._open:
            self._close_to(len(self._open) - 1 - self._open[::-1].index(mark), given=1)
        elif mark in OPENING:
            self._open.append(CLOSING[OPENING.index(mark)])
            self._made.append(mark)
        elif mark == "," and last in (",", "{", "["):
            self.mended.append("an extra comma was left out")
        elif mark not in CLOSING:
            self._made.append(mark)
        else:
            self.mended.append("an extra bracket was left out")

    def _close_to(self, depth: int, *, given: int = 0) -> None:
        """Close the brackets down to this depth, of which so many are in the text."""
        if self._at < len(self._text) and not self._open:
            self.mended.append("an extra bracket was left out")
        if self._made[-1] == ",":
            self._made.pop()
            self.mended.append("an extra comma was left out")
        if len(self._open) - depth > given:
            self.mended.append("a missing bracket was added")
        self._made.extend(reversed(self._open[depth:]))
        del self._open[depth:]


def _escaped(inner: re.Match[str]) -> str:
    """A sign within a text as JSON has it."""
    if inner["known"]:
        return inner[0]
    if inner["quote"]:
        return '\\"'
    return "'" if inner["other"] == "'" else f"\\\\{inner['other']}"
