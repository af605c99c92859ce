"""Imports fall one way (pyproject.toml, import-linter), a breach is caught, and heavy libraries stay where they belong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import MANAGE, ROOT

LINT = str(Path(sys.executable).with_name("lint-imports"))
PACKAGES = ("accounts", "chat", "platform", "pyproject.toml")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'platform'}"}
    return subprocess.run([LINT, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in PACKAGES:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", "management")
        shutil.copytree(source, tmp_path / name, ignore=ignore) if source.is_dir() else shutil.copy(source, tmp_path)
    return tmp_path


def test_the_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "breach"),
    [
        ("accounts/models/grants.py", "import chat.models"),
        ("chat/models.py", "import galaxy.settings"),
        ("chat/events.py", "import django.db"),
        ("chat/providers/base.py", "import django.conf"),
        ("chat/log/rows.py", "import chat.runs.asking"),
        ("chat/runs/usage.py", "import chat.runs.asking"),
        ("chat/newcomer.py", "import chat.events"),  # a module that no layer places
    ],
)
def test_a_planted_breach_is_caught(copied: Path, file: str, breach: str) -> None:
    with (copied / file).open("a") as handle:
        handle.write(f"\n{breach}\n")
    done = lint(copied)
    assert done.returncode == 1, done.stdout


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a web process has loaded."""
    code = (
        "import sys; sys.argv = ['manage.py', 'check']; import runpy\n"
        "try: runpy.run_path('manage.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "import galaxy.asgi; print(*sys.modules)"
    )
    environment = os.environ | {"DATA_DIR": str(tmp_path_factory.mktemp("loaded"))}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


UNNEEDED = ("litellm", "daphne", "twisted", "amqtt", "boto3", "celery", "httpx", "aiohttp", "requests", "fido2", "jsonschema")


@pytest.mark.parametrize("library", UNNEEDED)
def test_a_web_process_does_not_load(loaded: list[str], library: str) -> None:
    assert "galaxy.asgi" in loaded
    assert library not in loaded


def test_every_process_starts_through_manage(tmp_path: Path) -> None:
    done = subprocess.run(
        [*MANAGE, "help", "--commands"],
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"up", "stop", "serve", "runner", "worker", "prepare", "doctor", "sign_in_link"} <= set(done.stdout.split())
