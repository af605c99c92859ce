"""Takes `<think>` … `</think>` out of an answer that comes in pieces, however the tags are cut. Pure.

Some servers leave a model's thoughts in its text. Some send the closing tag alone, as their template opens the thoughts for the
model: then all that was text so far were thoughts. A tag within code is what the answer is about, and stays.
"""

import re
from typing import Literal, Protocol

_TAG = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_BEGUN = re.compile(r"<(?:/?(?:t(?:h(?:i(?:n(?:k(?:i(?:ng?)?)?)?)?)?)?)?)?\Z", re.IGNORECASE)
# A tag costs a look at the whole text. Of an answer with so many, the others are text.
MOST_TAGS = 200


class Saying(Protocol):
    """Receiver of the parts."""

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """A part of the answer or of the thoughts."""

    def said(self, kind: Literal["text", "reasoning"]) -> str:
        """All of it so far."""

    def rethink(self) -> None:
        """All that was said as text were thoughts."""


class Thoughts:
    """Splits one answer. While `is_idle`, a piece without `<` is text and need not come through here."""

    def __init__(self, saying: Saying) -> None:
        self.is_idle = True
        self._saying = saying
        self._held = ""
        self._thinking = False
        self._split = False  # whether thoughts were found before
        self._doubtful: list[str] | None = None  # thoughts that began within a text: without an end, they are text
        self._strips = False  # blanks beside a tag are dropped
        self._tags = 0

    def take(self, piece: str) -> None:
        """The next piece of the text."""
        piece, self._held = self._held + piece, ""
        begins = 0
        for tag in _TAG.finditer(piece):
            self._plain(piece[begins : tag.start()])
            self._tag(tag[0], closes=bool(tag[1]))
            begins = tag.end()
        rest = piece[begins:]
        if begun := _BEGUN.search(rest):
            rest, self._held = rest[: begun.start()], begun[0]
        self._plain(rest)
        self.is_idle = not (self._held or self._thinking or self._strips)

    def end(self) -> None:
        """The text is over: half a tag is text, and so are thoughts that began within it and never ended."""
        held, self._held = self._held, ""
        self._plain(held)
        if self._thinking and self._doubtful is not None:
            self._saying.say("text", "".join(self._doubtful))

    def _tag(self, tag: str, *, closes: bool) -> None:
        self._tags += 1
        if self._thinking:
            if not closes:
                self._plain(tag)
                return
            self._thinking, self._doubtful = False, None
            self._strips = self._tags < MOST_TAGS and not self._has_said()
        elif self._is_text(closes=closes):
            self._plain(tag)
        elif closes:
            self._split = self._strips = True
            if self._has_said():
                self._saying.rethink()
        else:
            self._thinking = self._split = self._strips = True
            self._doubtful = [tag] if self._has_said() else None

    def _is_text(self, *, closes: bool) -> bool:
        """Tell whether a tag that was found in the text belongs to it."""
        if self._tags > MOST_TAGS or (closes and self._split and self._has_said()):
            return True
        text = self._saying.said("text")
        line = text[text.rfind("\n") + 1 :]
        return bool(text.count("```") % 2 or line.count("`") % 2)

    def _plain(self, text: str) -> None:
        """Take the text between two tags."""
        if self._doubtful is not None:
            self._doubtful.append(text)
        if self._strips:
            text = text.lstrip()
            self._strips = not text
        if text:
            self._saying.say("reasoning" if self._thinking else "text", text)

    def _has_said(self) -> bool:
        return bool(self._saying.said("text").strip())
