"""The client that docs/protocol.md shows to those who write their own does what it says."""

import os
import subprocess
import sys

import pytest

from tests.client import Client
from tests.stack import ROOT, Galaxy

EXAMPLE = ROOT / "docs" / "examples" / "ask.py"


def run(address: str, session: str, text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLE), address, text]
    return subprocess.run(
        command, env=os.environ | {"GALAXY_SESSION": session}, capture_output=True, text=True, check=False, timeout=60
    )


def session_of(client: Client) -> str:
    return client.headers["Cookie"].partition("galaxy_session=")[2].partition(";")[0]


def test_the_example_prints_the_answer(galaxy: Galaxy, alice_client: Client) -> None:
    done = run(galaxy.base_url, session_of(alice_client), "[[tokens=7]]")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 7


@pytest.mark.parametrize(("session", "words"), [("nobody", "Sign in again."), ("", "Sign in again.")])
def test_the_example_says_that_nobody_is_signed_in(galaxy: Galaxy, session: str, words: str) -> None:
    done = run(galaxy.base_url, session, "Hello")
    assert done.returncode == 1
    assert words in done.stderr
