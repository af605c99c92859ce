"""A data folder that cannot be used is named in one sentence, whatever command met it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.stack import MANAGE, environment


def said(data_dir: Path, command: str) -> str:
    settings = os.environ | environment(data_dir, free_port())
    done = subprocess.run([*MANAGE, command], env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_folder_that_cannot_be_made_is_named() -> None:
    place = Path("/proc/galaxy")  # where not even root makes one
    assert str(place) in said(place, "up")
    assert "DATA_DIR" in said(place, "up")


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert f"{tmp_path / 'data'}/" in said(tmp_path / "data", "up")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("secrets/secret_key", b""),
        ("secrets/secret_key", b"\xff\xfe\x00"),
        ("secrets/database_password", b"a\x00b"),
        ("secrets/redis_password", b"two\nlines"),
        ("mqtt/port", b"eighty"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.parent.mkdir(mode=0o700)
    file.write_bytes(content)
    sentence = said(tmp_path, "up")
    assert f"{file} is damaged. Put back a copy of it" in sentence
    assert ("remove it" in sentence) == (name != "secrets/database_password")
