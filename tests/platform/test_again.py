"""The second look of `.ci/run` at what failed, tried on a small project of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import ROOT

PASSES = "def test_whole():\n    pass\n"
FAILS = "def test_broken():\n    assert False\n"
FLAKY = """
from pathlib import Path

def test_shaky():
    seen = Path(__file__).with_name("seen")
    assert seen.exists() or seen.touch()
"""


def second_look(folder: Path, *sources: str) -> tuple[int, str, str]:
    """Run the tests once, then look again; gives the exit code of that look and what it printed."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "again", folder / ".ci")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "pytest.ini").write_text("[pytest]\n")
    for number, source in enumerate(sources):
        (folder / f"test_{number}.py").write_text(source)
    subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=folder, capture_output=True, timeout=60, check=False)
    done = subprocess.run([".ci/again"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_test_that_passes_the_second_time_is_named_as_flaky(tmp_path: Path) -> None:
    code, said, _ = second_look(tmp_path, PASSES, FLAKY)
    assert code == 0
    assert "1 passed" in said  # the others are not run again
    assert said.endswith("flaky: test_1.py::test_shaky\n")


def test_a_test_that_fails_twice_fails_the_whole(tmp_path: Path) -> None:
    code, said, _ = second_look(tmp_path, PASSES, FLAKY, FAILS)
    assert code != 0
    assert "flaky:" not in said


@pytest.mark.parametrize("sources", [[], [PASSES]])
def test_a_run_that_broke_off_without_a_failed_test_is_not_saved_by_it(tmp_path: Path, sources: list[str]) -> None:
    code, _, error = second_look(tmp_path, *sources)
    assert (code, error) == (1, "The tests broke off without naming a failed test.\n")
