"""Order of the files of tests: the longest first, so that no process still works on one when the others have ended."""

from collections import Counter
from pathlib import Path

import pytest

LONGEST_FIRST = Path(__file__).with_name("longest_first.txt").read_text().split()


def sort(items: list[pytest.Item], root: Path) -> None:
    """In place; files that are not named begin with the one of most tests. A file's own order stays."""
    files = [item.path.relative_to(root).as_posix() for item in items]
    named, sizes = {file: rank for rank, file in enumerate(LONGEST_FIRST)}, Counter(files)
    ranks = {id(item): (named.get(file, len(named)), -sizes[file], file) for item, file in zip(items, files, strict=True)}
    items.sort(key=lambda item: ranks[id(item)])
