"""The shape of the sources: short files, telling names, tests in one place, imports at the top."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

LONGEST = 300
MOST_ENTRIES = 15
SOURCE = ("accounts", "chat", "embeddings", "platform", "tools")
# Django and Celery find these by their names: they are not rooms.
BY_NAME = {"__init__.py", "admin", "admin.py", "apps.py", "management", "migrations", "tasks.py"}
NAMELESS = {"utils", "util", "common", "helpers", "helper", "core", "lib", "misc"}
OF_UNFOLD = ROOT / "templates" / "unfold"  # takes the place of templates of django-unfold, where it looks for them
# There the path or Django's settings must come first, and the place says so.
LATE_IMPORTS = {
    "manage.py",
    "bench/adapters.py",
    "bench/embedding.py",
    "bench/executor.py",
    "bench/local_model.py",
    "bench/people.py",
}
# There a library that most processes never use is loaded with its first use, and the place says why.
HEAVY_IMPORTS = {
    "accounts/egress/__init__.py",
    "chat/admin/providers.py",
    "platform/galaxy/services/installation.py",
    "tools/execution/hints.py",
    "tools/sandbox/inside/results.py",
}


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


def rooms() -> dict[Path, set[str]]:
    """The folders of the sources, each with the names in it. Django wants its commands and migrations in one folder each."""
    found: dict[Path, set[str]] = {}
    for path in tracked():
        inside = path.relative_to(ROOT)
        if inside.parts[0] in SOURCE and not {"commands", "migrations"} & set(inside.parts):
            for depth in range(1, len(inside.parts)):
                found.setdefault(Path(*inside.parts[:depth]), set()).add(inside.parts[depth])
    return found


def test_a_reader_finds_few_entries_in_each_folder() -> None:
    assert {str(folder): len(names - BY_NAME) for folder, names in rooms().items() if len(names - BY_NAME) > MOST_ENTRIES} == {}


@pytest.mark.parametrize("app", ["accounts", "chat", "embeddings", "platform/galaxy", "tools"])
def test_the_map_names_every_room(app: str) -> None:
    told = (ROOT / "docs" / "map.md").read_text().partition(f"\n## {app}\n")[2].partition("\n## ")[0]
    places = [str(folder.relative_to(app)) for folder in rooms() if Path(app) in folder.parents]
    assert [place for place in places if f"`{place}/`" not in told] == []


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
