"""The style sheets: each is used, and nothing that is hovered over sticks under a finger."""

import re
from pathlib import Path

import pytest

from tests.stack import ROOT

SHEETS = sorted((ROOT / "static/css").glob("*.css"))
PART = re.compile(r"([^{};]*)([{};])")


def around(sheet: Path) -> list[tuple[str, list[str]]]:
    """Every selector with what it stands in."""
    found: list[tuple[str, list[str]]] = []
    inside: list[str] = []
    for words, mark in PART.findall(re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)):
        if mark == "{":
            found.append((words.strip(), list(inside)))
            inside.append(words.strip())
        elif mark == "}":
            inside.pop()
    return found


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_sheet_is_used(sheet: Path) -> None:
    pages = "".join(page.read_text() for page in (ROOT / "templates").rglob("*.html"))
    assert f"css/{sheet.name}'" in pages


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_only_what_can_hover_is_styled_for_it(sheet: Path) -> None:
    for selector, inside in around(sheet):
        if ":hover" in selector and ":focus-within" not in selector:
            assert "@media (hover: hover)" in inside, selector
