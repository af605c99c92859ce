"""Finds the queries of the sources, and what each says of whose rows it means. Pure: it reads, and runs nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Any of these in a query says whose rows it means.
ANCHORS = ("visible_to", "restorable_by", "tenant", "person", "owner")


class Query(NamedTuple):
    """`Model.objects...` in a source. `place` is `folder/file.py:Class.function`."""

    place: str
    words: frozenset[str]

    @property
    def is_anchored(self) -> bool:
        """Tell whether it says whose rows it means."""
        return any(word.startswith(ANCHORS) for word in self.words)


def queries(path: Path, root: Path, models: frozenset[str]) -> Iterator[Query]:
    """Each query of the file on one of the models."""
    tree = ast.parse(path.read_text())
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects" and _name(node.value) in models:
            around = ".".join(reversed(list(_around(node, parents))))
            yield Query(f"{path.relative_to(root)}:{around}", frozenset(_words(node, parents)))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    """The names of the functions and classes around it, the innermost first."""
    while above := parents.get(node):
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield above.name
        node = above


def _words(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
    """The methods that are called on it one after the other, and the names of their arguments."""
    while isinstance(above := parents.get(node), ast.Attribute | ast.Call):
        if isinstance(above, ast.Attribute):
            yield above.attr
        elif above.func is node:
            yield from (
                keyword.arg
                for call in ast.walk(above)
                if isinstance(call, ast.Call)
                for keyword in call.keywords
                if keyword.arg
            )
        else:
            return
        node = above
