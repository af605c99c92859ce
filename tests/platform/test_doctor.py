"""`manage.py doctor` where things are wrong: it tells all of them, and leaves everything as it is."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.stack import MANAGE, environment

# Root reads and writes everything, but for what this takes away from it.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def doctor(data_dir: Path, *, before: list[str] | None = None, **settings: str) -> str:
    """Run the doctor on an installation with something wrong; gives its report."""
    env = os.environ | environment(data_dir, free_port()) | settings
    command = [*(before or []), *MANAGE, "doctor"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    return done.stdout


def contents(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_it_works_when_nothing_runs_and_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    (tmp_path / "secrets" / "secret_key").write_text("k" * 43)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = doctor(tmp_path, PORT=port, TEST_MODE="true", ALLOWED_HOSTS="galaxy.example.org")
    for expected in ("TEST_MODE signs everyone in", f"Port {port} is in use by another program", "Others can read"):
        assert expected in said


def test_settings_that_make_no_sense_do_not_keep_it_from_the_rest(tmp_path: Path) -> None:
    database = "postgres://me:planted@secret@db/galaxy"
    said = doctor(tmp_path, LOG_LEVEL="loud", DATABASE_URL=database, REDIS_URL="nonsense", LLM_BASE_URL="localhost:1234")
    for expected in (
        "LLM_BASE_URL=localhost:1234 is not valid.",
        "LOG_LEVEL=loud is not valid.",
        "DATABASE_URL is not valid.",
        "REDIS_URL is not valid.",
        "is free",
    ):
        assert expected in said
    assert "planted" not in said


def test_a_damaged_secret_does_not_keep_it_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "redis_password").write_bytes(b"\xff\xfe")
    (tmp_path / "secrets" / "redis_password").chmod(0o600)
    before = contents(tmp_path)
    said = doctor(tmp_path)
    for expected in ("redis_password is damaged", "GB are free", "Galaxy does not run"):
        assert expected in said
    assert contents(tmp_path) == before


def test_a_data_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    doctor(tmp_path / "new" / "deep", LOG_LEVEL="loud")
    assert contents(tmp_path) == []


def test_a_file_in_the_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    assert f"{tmp_path / 'data'} must be a folder." in doctor(tmp_path / "data")


@pytest.mark.skipif(bool(AS_ANYBODY) and not shutil.which("setpriv"), reason="root cannot be kept out here")
@pytest.mark.parametrize("below", ["", "sub/folder"])
def test_a_folder_of_somebody_else_does_not_keep_it_from_the_rest(tmp_path: Path, below: str) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    if AS_ANYBODY:
        os.chown(closed, 65534, -1)
    closed.chmod(0o700 if AS_ANYBODY else 0)
    said = doctor(closed / below, before=AS_ANYBODY)
    closed.chmod(0o700)
    assert f"{closed} cannot be written." in said
    assert "Galaxy does not run" in said
