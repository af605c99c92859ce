"""Which files of tests begin: the longest, so that no process still works on one when the others have ended."""

from collections import Counter
from pathlib import Path

import pytest

LONGEST_FIRST = (
    "tests/chat/test_kills.py",
    "tests/doors/test_matrix.py",
    "tests/accounts/test_vault_rotation.py",
    "tests/platform/test_up.py",
    "tests/browser/test_admin.py",
    "tests/browser/test_security.py",
    "tests/browser/test_waiting.py",
    "tests/chat/test_patience.py",
    "tests/platform/test_outside.py",
    "tests/chat/test_resume.py",
)


def sort(items: list[pytest.Item], root: Path) -> None:
    """In place; files that are not named begin with the one of most tests. A file's own order stays."""
    files = [item.path.relative_to(root).as_posix() for item in items]
    named, sizes = {file: rank for rank, file in enumerate(LONGEST_FIRST)}, Counter(files)
    ranks = {id(item): (named.get(file, len(named)), -sizes[file], file) for item, file in zip(items, files, strict=True)}
    items.sort(key=lambda item: ranks[id(item)])
