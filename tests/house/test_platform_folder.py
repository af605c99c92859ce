"""`platform/` shares its name with the standard library's module, and must never become a package."""

import platform
import subprocess
import sys

from tests.stack import ROOT


def test_it_is_a_plain_folder() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert [path.name for path in (ROOT / "platform").iterdir() if path.is_dir() and path.name != "__pycache__"] in (
        ["galaxy", "config"],
        ["config", "galaxy"],
    )


def test_the_standard_librarys_platform_still_answers() -> None:
    assert platform.system()
    done = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == platform.system()
