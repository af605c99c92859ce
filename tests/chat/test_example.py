"""The client that docs/protocol.md shows to those who write their own does what it says."""

import os
import subprocess
import sys

import pytest

from accounts.identity import tokens
from accounts.models import User
from tests.stack import ROOT, Galaxy

EXAMPLE = ROOT / "docs" / "examples" / "ask.py"


def run(address: str, token: str, text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLE), address, text]
    return subprocess.run(
        command, env=os.environ | {"GALAXY_TOKEN": token}, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_example_prints_the_answer(galaxy: Galaxy, alice: User) -> None:
    _, token = tokens.issue(alice, "example", ["chat:read", "chat:write"], None)
    done = run(galaxy.base_url, token, "[[tokens=7]]")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 7


@pytest.mark.parametrize("token", ["nobody", "gxy_pat_nobody"])
def test_the_example_says_that_its_token_is_nobody_s(galaxy: Galaxy, token: str) -> None:
    done = run(galaxy.base_url, token, "Hello")
    assert done.returncode == 1
    assert "does not know this token" in done.stderr
