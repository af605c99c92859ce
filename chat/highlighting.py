"""Code with the design's five classes: comment, keyword, string, number, function."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from django.utils.html import escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

LONGEST = 50_000  # beyond it code stays plain: lexers are regular expressions, and some are slow on hostile input
LONGEST_LINE = 5_000
LONGEST_LABEL = 40

_CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    Name.Tag: "k",
    String: "s",
    Number: "n",
    Keyword.Constant: "n",
    Name.Function: "f",
    Name.Class: "f",
    Name.Builtin: "f",
    Name.Decorator: "f",
    Name.Attribute: "f",
}


def highlight(code: str, language: str) -> tuple[str, str]:
    """The language's name, and the code as HTML."""
    lexer = _lexer(language.lower())
    if lexer is None or len(code) > LONGEST or max(map(len, code.split("\n"))) > LONGEST_LINE:
        return language[:LONGEST_LABEL] or "Text", escape(code)
    return str(lexer.name), "".join(_spans(lexer.get_tokens(code)))


def _spans(tokens: Iterable[tuple[_TokenType, str]]) -> Iterable[str]:
    for name, run in groupby(tokens, lambda token: _class_of(token[0])):
        text = escape("".join(value for _, value in run))
        yield f'<span class="{name}">{text}</span>' if name else text


@lru_cache(maxsize=512)
def _class_of(token: _TokenType) -> str:
    lineage = [token]
    while lineage[-1].parent is not None:
        lineage.append(lineage[-1].parent)
    return next((_CLASSES[ancestor] for ancestor in lineage if ancestor in _CLASSES), "")


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    if not language:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
