"""The words of the Makefile: that each is listed, and what `make link` is for."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.stack import MANAGE, ROOT, environment


def make(*words: str, **settings: str) -> str:
    command = ["make", "--no-print-directory", *words]
    return subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=True).stdout


def test_every_word_is_listed() -> None:
    words = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    assert re.findall(r"^  make (\w+)", make("help"), re.MULTILINE) == words


def test_a_link_is_for_the_owner_or_for_whom_is_named() -> None:
    assert make("-n", "link").endswith('sign_in_link ""\n')
    assert make("-n", "link", "EMAIL=bob@example.org").endswith('sign_in_link "bob@example.org"\n')


def test_an_address_in_the_environment_is_not_meant() -> None:
    assert make("-n", "link", EMAIL="me@work.example").endswith('sign_in_link ""\n')


def test_the_tests_of_one_folder_can_be_run_alone() -> None:
    assert make("-n", "test").splitlines()[-1].endswith("-m pytest -n 3 ")
    assert make("-n", "test", "ONLY=chat doors").splitlines()[-1].endswith("-m pytest -n 3 tests/chat tests/doors")


@pytest.mark.parametrize("ran_before", [False, True])
@pytest.mark.parametrize("command", [["sign_in_link"], ["invite", "new@example.test"]])
def test_a_link_without_a_running_galaxy_is_refused_in_a_line_that_names_the_folder(
    tmp_path: Path, command: list[str], *, ran_before: bool
) -> None:
    data = tmp_path / "data"
    if ran_before:
        (data / "postgres").mkdir(parents=True)
    settings = os.environ | environment(data, free_port())
    done = subprocess.run([*MANAGE, *command], env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.removeprefix("CommandError: ") == (
        f"No database answers in {data}. Start Galaxy first: make run. "
        "If it runs on another folder, set DATA_DIR to that folder here, too.\n"
    )
    assert data.exists() == ran_before
