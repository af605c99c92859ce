"""`manage.py` by a Python that has no packages: it finds the one that has them, or says what to do."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import django

from tests.ports import free_port
from tests.stack import ROOT, environment

BARE = [sys._base_executable, "-I", "-S"]  # type: ignore[attr-defined]  # this Python outside its environment, without packages
SENTENCE = "The packages that Galaxy needs are not installed here. `make run` installs them and starts Galaxy.\n"


def run(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    settings = os.environ | environment(data, free_port())
    command = [*BARE, str(folder / "manage.py"), "version"]
    return subprocess.run(command, env=settings, cwd="/", capture_output=True, text=True, check=False, timeout=60)


def test_it_goes_on_with_the_virtual_environment(tmp_path: Path) -> None:
    assert run(ROOT, tmp_path).stdout == f"{django.get_version()}\n"


def test_without_one_or_with_an_empty_one_it_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    for _ in range(2):
        done = run(tmp_path, tmp_path / "data")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", SENTENCE)
        venv.create(tmp_path / ".venv")
