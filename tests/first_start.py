"""The data folder that a first start leaves: made once a test run by a real one, then copied, since making it takes 10 s.

All installations of a run have the same secrets, since every process of the tests reads them with Django's settings.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

# The process of the whole run names the place; those that xdist starts inherit the name.
NAMED_HERE = "FIRST_START" not in os.environ
if NAMED_HERE:
    os.environ["FIRST_START"] = tempfile.mkdtemp(prefix="galaxy-")
PLACE = Path(os.environ["FIRST_START"])
OWN = ("galaxy.lock", "run", "logs", "mqtt", "console.txt", "llms.yml")  # each installation has its own, as its broker's port


def bring_secrets(data_dir: Path) -> None:
    """Lay the run's secrets into the folder, before settings are read there; its first process has none yet."""
    if not NAMED_HERE:
        shutil.copytree(PLACE / "secrets", data_dir / "secrets")


def keep_secrets(data_dir: Path) -> None:
    """Make those that the run's first process has found the whole run's."""
    if NAMED_HERE:
        shutil.copytree(data_dir / "secrets", PLACE / "secrets")


def copy_to(data_dir: Path, make: Callable[[Path], None]) -> None:
    """Lay a copy into the folder. `make` starts Galaxy in a folder for the first time, and stops it again."""
    made = PLACE / "data"
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.copytree(PLACE / "secrets", PLACE / "making" / "secrets")
            make(PLACE / "making")
            (PLACE / "making").rename(made)
    data_dir.mkdir(parents=True, exist_ok=True)
    # With owners and permissions: PostgreSQL's folder belongs to someone else where root runs the tests.
    subprocess.run(["cp", "-a", f"{made}/.", str(data_dir)], check=True)
    for name in OWN:
        left = data_dir / name
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def forget() -> None:
    """Remove it, at the end of the whole run."""
    if NAMED_HERE:
        shutil.rmtree(PLACE, ignore_errors=True)
