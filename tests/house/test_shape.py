"""The shape of the sources: short files, telling names, tests in one place, imports at the top."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

LONGEST = 300
NAMELESS = {"utils", "util", "common", "helpers", "helper", "core", "lib", "misc"}
OF_UNFOLD = ROOT / "templates" / "unfold"  # takes the place of templates of django-unfold, where it looks for them
# There the path or Django's settings must come first, and the place says so.
LATE_IMPORTS = {"manage.py", "bench/adapters.py", "bench/people.py"}
# There a library that most processes never use is loaded with its first use, and the place says what it takes.
HEAVY_IMPORTS = {"accounts/egress/__init__.py", "platform/galaxy/services/installation.py"}


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def sources() -> Iterator[Path]:
    return (path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts)


def test_no_file_is_too_long() -> None:
    own = [path for path in tracked() if path.suffix in {".py", ".js", ".css", ".html"}]
    own = [path for path in own if not {"vendor", "migrations"} & set(path.parts)]
    long = {str(path.relative_to(ROOT)): count for path in own if (count := len(path.read_text().splitlines())) > LONGEST}
    assert long == {}


def test_every_file_is_named_for_what_it_holds() -> None:
    own = [path for path in tracked() if OF_UNFOLD not in path.parents]
    named = [path for path in own if NAMELESS & {path.stem, *path.relative_to(ROOT).parent.parts}]
    assert named == []


def test_tests_stand_under_tests_only() -> None:
    astray = [path for path in sources() if path.name.startswith("test_") and path.relative_to(ROOT).parts[0] != "tests"]
    assert astray == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in sources() if path.relative_to(ROOT).parts[0] == "tests"}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def late_imports(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (inner.lineno for inner in ast.walk(node) if isinstance(inner, (ast.Import, ast.ImportFrom)))


def test_imports_stand_at_the_top() -> None:
    late = {str(path.relative_to(ROOT)): lines for path in sources() if (lines := list(late_imports(path)))}
    assert set(late) <= LATE_IMPORTS | HEAVY_IMPORTS


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in sources() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md", ".env.example", "Makefile", ".ci/run"])
def test_what_people_look_for_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_the_first_lines_of_the_readme_are_the_commands() -> None:
    head = (ROOT / "README.md").read_text().splitlines()[:6]
    assert any(line.startswith("make run") for line in head)
    assert any(line.startswith("make test") for line in head)
