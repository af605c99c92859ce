"""The end of an object in a text that grows. Pure; each character is looked at once, so that long objects cost no more."""

import re

QUOTES = {'"': '"', "'": "'", "“": "”"}
OPENING, CLOSING = "{[", "}]"

_MEETS = re.compile(r"[{}\[\]\"'“<]")
_STOPS = {end: re.compile(rf"[\\{end}]") for end in QUOTES.values()}
_NO_MORE = re.compile(r"\s*\Z")
_ENDS_VALUE = re.compile(r"\s*(?:[,:}\]<]|\Z)")


class Extent:
    """Finds the end of the object or list that begins at a place."""

    def __init__(self, start: int) -> None:
        self._at = start
        self._depth = 0
        self._quote = ""  # the one that ends the text that is open

    def end(self, text: str, *, is_all: bool = False) -> int | None:
        """The place after it; None where it has not come yet. A tag that stands in no text ends it, too."""
        while not self._quote or self._leaves(text, is_all=is_all):
            meets = _MEETS.search(text, self._at)
            if meets is None:
                self._at = len(text)
                return None
            if meets[0] == "<":
                return meets.start()
            if self._passes(text, meets):
                return self._at
        return None

    def _leaves(self, text: str, *, is_all: bool) -> bool:
        """Go to the end of the text that is open; False where that has not come yet."""
        self._at, ended = leave(text, self._at, self._quote, is_all=is_all)
        self._quote = "" if ended else self._quote
        return ended

    def _passes(self, text: str, meets: re.Match[str]) -> bool:
        """Go past a sign; True where the object ends with it."""
        sign, self._at = meets[0], meets.end()
        if sign not in QUOTES:
            self._depth += 1 if sign in OPENING else -1
            return self._depth <= 0
        if sign != "'" or _may_begin(text, meets.start()):  # else it is an apostrophe
            self._quote = QUOTES[sign]
        return False


def leave(text: str, at: int, quote: str, *, is_all: bool) -> tuple[int, bool]:
    """Look for the quote that ends an open text: how far was looked, and whether that is its end."""
    while stop := _STOPS[quote].search(text, at):
        if stop[0] == "\\":
            if stop.end() == len(text):
                return stop.start(), False
            at = stop.end() + 1
        elif quote == "'" and not is_all and _NO_MORE.match(text, stop.end()):
            return stop.start(), False  # what follows says whether it is an apostrophe
        else:
            at = stop.end()
            if quote != "'" or _ENDS_VALUE.match(text, at):
                return at, True
    return len(text), False


def _may_begin(text: str, place: int) -> bool:
    """Tell whether a text may begin here: after a sign, with nothing but blanks between."""
    while place and text[place - 1].isspace():
        place -= 1
    return text[place - 1 : place] in ("{", "[", ",", ":")
