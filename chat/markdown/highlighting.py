"""Code with the design's five classes: comment, keyword, string, number, function."""

from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from itertools import groupby
from time import thread_time as clock  # not the wall's: waiting for other work does not count as its cost

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType
from pygments.util import ClassNotFound

# Lexers are regular expressions, many of them slow on hostile input: code stays plain beyond these, and outside LANGUAGES.
LONGEST = 8_000
LONGEST_LINE = 1_000
# What a lexer may take that finds nothing but trouble; ordinary code takes about a microsecond for each character.
MOST_SECONDS = 0.01
MOST_SECONDS_PER_CHARACTER = 3e-6
LANGUAGES = set(
    """python pycon javascript typescript jsx tsx json yaml toml ini html xml css scss less bash console powershell batch sql
    postgresql java kotlin groovy go rust c cpp csharp swift php ruby perl lua r julia haskell elixir erlang clojure dart
    diff docker make cmake nginx graphql protobuf tex""".split()  # noqa: SIM905  a list of them would fill the page
)
LONGEST_LABEL = 40

WARM_UP = "<script>a</script><style>a</style>\n"  # lexers inside others are compiled at first use, which takes a while

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
        return plain(code, language)
    most = MOST_SECONDS + MOST_SECONDS_PER_CHARACTER * len(code)
    try:
        return str(lexer.name), "".join(_spans(_in_time(lexer.get_tokens(code), most)))
    except TimeoutError:
        return plain(code, language)


def plain(code: str, language: str) -> tuple[str, str]:
    """The language's name, and the code as HTML without any colour."""
    lexer = _lexer(language.lower())
    return str(lexer.name) if lexer else language[:LONGEST_LABEL] or "Text", escape(code)


def _in_time(tokens: Iterable[tuple[_TokenType, str]], most: float) -> Iterable[tuple[_TokenType, str]]:
    """The tokens, as long as they do not take too long. Slow lexers are slow by many tokens, none of which is."""
    end = clock() + most
    for token in tokens:
        yield token
        if clock() > end:
            raise TimeoutError


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
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    if LANGUAGES.isdisjoint(lexer.aliases):
        return None
    deque(lexer.get_tokens(WARM_UP), maxlen=0)
    return lexer
