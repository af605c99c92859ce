"""Which files of tests begin: the longest, so that no process still works on one when the others have ended."""

from collections import Counter
from pathlib import Path

import pytest

LONGEST_FIRST = tuple(
    f"tests/{name}.py"
    for name in """
        chat/test_kills doors/test_matrix platform/test_up chat/test_patience browser/test_admin browser/test_security
        platform/test_outside platform/test_planted_secrets chat/test_resume browser/test_waiting browser/test_chat
        browser/test_deleting accounts/test_vault_rotation browser/test_pages browser/test_settings platform/test_servers
        accounts/test_proxy accounts/test_providers accounts/oauth/test_sdk browser/test_connection browser/test_consent
        accounts/test_invitations accounts/test_removal browser/test_sign_in browser/test_shared platform/test_data_folder
        platform/test_doctor accounts/test_people browser/test_styles browser/test_connected_apps
    """.split()
)


def sort(items: list[pytest.Item], root: Path) -> None:
    """In place; files that are not named begin with the one of most tests. A file's own order stays."""
    files = [item.path.relative_to(root).as_posix() for item in items]
    named, sizes = {file: rank for rank, file in enumerate(LONGEST_FIRST)}, Counter(files)
    ranks = {id(item): (named.get(file, len(named)), -sizes[file], file) for item, file in zip(items, files, strict=True)}
    items.sort(key=lambda item: ranks[id(item)])
