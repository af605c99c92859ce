"""Plain English: docstrings begin with a verb or a noun, those of tests too, and no text speaks of nobody or somebody."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_shape import sources, tracked
from tests.stack import ROOT

PLAIN = ("accounts", "chat", "platform", "tools", "docs", "templates", "README.md", "CHANGELOG.md", "manage.py")
CLAUSE = re.compile(r"(What|Who|Whose|Whom|Whoever|Whether|How|Why|By|That|Where|When)\b")
INDEFINITE = re.compile(r"\b(nobody|somebody)\b", re.IGNORECASE)
# A system user, and a value of SIGN_UP.
NAMES = re.compile(r"`[^`]*`|SIGN_UP=nobody|nobody, invited or providers")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def plain(paths: Iterator[Path]) -> Iterator[Path]:
    return (path for path in paths if any(path.is_relative_to(ROOT / root) for root in PLAIN))


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Comments, docstrings and sentences of a source; every line of another text."""
    if path.suffix != ".py":
        yield from enumerate(path.read_text().splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and " " in token.string):
            yield token.start[0], token.string


def place(path: Path, line: int, text: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {text.strip()[:80]}"


def test_a_docstring_begins_with_a_verb_or_a_noun() -> None:
    found = [place(path, *one) for path in sources() for one in docstrings(path) if CLAUSE.match(one[1])]
    assert "\n".join(found) == ""


def test_no_text_speaks_of_nobody_or_somebody() -> None:
    texts = (path for path in tracked() if path.suffix in {".py", ".md", ".html"} and "migrations" not in path.parts)
    found = [place(path, *one) for path in plain(texts) for one in prose(path) if INDEFINITE.search(NAMES.sub("", one[1]))]
    assert found == []


@pytest.mark.parametrize("text", ["Whether it is fresh.", "By what they came in."])
def test_a_clause_is_found(tmp_path: Path, text: str) -> None:
    source = tmp_path / "planted.py"
    source.write_text(f'"""{text}"""\n')
    assert [line for line, found in docstrings(source) if CLAUSE.match(found)] == [1]
