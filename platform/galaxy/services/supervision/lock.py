"""The lock of a data folder, which admits one supervisor, and the end of processes left by an earlier one."""

import fcntl
import os
import signal
import time
from pathlib import Path

import orjson

from galaxy.services.supervision.part import CannotStartError


class DataLock:
    """A lock from `take` until this process ends, however it ends."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle = -1

    def take(self) -> None:
        """Take the lock. Raises CannotStartError with the pid of another holder."""
        try:
            self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            raise CannotStartError(
                f"Galaxy already runs on {self._file.parent} (process {holder(self._file)}). "
                "Stop that one first, or set DATA_DIR and PORT to run a second one."
            ) from None
        except OSError as error:
            raise CannotStartError(
                f"{self._file} cannot be written ({error.strerror}). Set DATA_DIR to a folder that you own."
            ) from error

    def release(self) -> None:
        """Release the lock for the next supervisor."""
        os.ftruncate(self._handle, 0)
        os.close(self._handle)


def holder(file: Path) -> int:
    """Return the pid in the file; 0 for the moment before it is written."""
    text = file.read_text().strip()
    return int(text) if text.isdecimal() else 0


def is_held(file: Path) -> bool:
    """Check whether a supervisor runs on that folder. Raises PermissionError if it belongs to another user."""
    try:
        with file.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    return False


def birth(pid: int) -> int:
    """Return a process's start in kernel ticks; 0 if it does not exist, or on systems that do not report it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])


def end_leftovers(file: Path, patience: float = 3.0) -> int:
    """Wait for processes of a killed supervisor, then kill the rest; return their number."""
    try:
        parts = orjson.loads(file.read_bytes())["parts"].values()
    except (OSError, ValueError, KeyError):
        return 0
    left = [(part["pid"], part["birth"]) for part in parts if part["pid"] and part["birth"]]
    until = time.monotonic() + patience
    while (left := [(pid, begun) for pid, begun in left if birth(pid) == begun]) and time.monotonic() < until:
        time.sleep(0.05)
    for pid, _ in left:
        os.kill(pid, signal.SIGKILL)
    return len(left)
