"""Tokens of a calculation."""

import re
from typing import NamedTuple

from tools.builtin.calculator.numbers import CannotCompute

LONGEST = 500
TOKEN = re.compile(
    r"""\s*(?:
    (?P<number> (?<![\w^*/.]) \d+/\d+ (?=\s+[^\W\d_])                  # 2/3 cup
              | (?:\d[\d_]*(?:\.\d+)?|\.\d+) (?:[eE][+-]?\d+)? )
    |(?P<name> [^\W\d_]\w* | [°µΩ]\w* )
    |(?P<sign> \*\*|//|[-+*/^%!(),√] ))""",
    re.VERBOSE,
)
SAME = str.maketrans({
    "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "²": "^2 ", "³": "^3 ", "[": "(", "]": ")",
    "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)", "⅛": "(1/8)",
})  # fmt: skip
CALL = re.compile(r"[^\W\d]\s*\(")
GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")  # 1,000,000, where no function takes several values
WORDS = frozenset(("to", "in", "as", "of", "mod"))


class Token(NamedTuple):
    """A number, a name, a sign, or the end (an empty text)."""

    kind: str
    text: str


END = Token("end", "")


def tokens(text: str) -> list[Token]:
    """Take the text apart. Raises CannotCompute."""
    if len(text) > LONGEST:
        raise CannotCompute(f"A calculation has at most {LONGEST} characters.")
    text, at, found = text.translate(SAME).strip().removeprefix("=").rstrip("=?"), 0, list[Token]()
    text = text.strip() if CALL.search(text) else GROUPED.sub(lambda match: match[0].replace(",", ""), text.strip())
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise CannotCompute(f"This cannot be read from here: {text[at : at + 20]!r}.")
        found.append(Token(str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return [*found, END]
