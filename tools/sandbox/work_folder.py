"""The folder of a program that has no file tree of its own: its size, and its removal, also after a crash of Galaxy.

A program may have made it as deep and as full as it could, so nothing here recurses.
"""

import asyncio
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tools.sandbox import slots
from tools.sandbox.inside.namespaces import MOST_FILES

BLOCK = 512  # stat(2)


@asynccontextmanager
async def work_folder(user: int) -> AsyncIterator[Path]:
    """Make an empty folder that belongs to the user, and remove it at the end."""
    path = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=slots.folder()))
    try:
        if user >= 0:
            os.chown(path, user, user)
        yield path
    finally:
        await asyncio.to_thread(_remove, path)


def remove_left_behind() -> None:
    """Remove the folders of processes that ended without doing it."""
    for path in slots.folder().glob("*-*"):
        if not Path(f"/proc/{path.name.partition('-')[0]}").exists():
            _remove(path)


def _remove(path: Path) -> None:
    program = shutil.which("rm") or "/bin/rm"  # it has no limit of depth, unlike shutil.rmtree
    subprocess.run([program, "-rf", "--", str(path)], stderr=subprocess.DEVNULL, check=False)  # noqa: S603  our own path


def is_too_large(folder: str, process: int, most: int) -> bool:
    """True if the folder and the process's removed but open files take more bytes, or are more files, than is allowed."""
    size, count, waiting = _removed_files(process), 0, [folder]
    while waiting and size <= most and count <= MOST_FILES:
        try:
            entries = list(os.scandir(waiting.pop()))
        except FileNotFoundError:
            continue
        except OSError:
            return True  # a path longer than the system takes
        count += len(entries)
        waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        size += sum(_size(entry.path) for entry in entries)
    return size > most or count > MOST_FILES


def _removed_files(process: int) -> int:
    try:
        numbers = os.listdir(f"/proc/{process}/fd")  # noqa: PTH208  names only
    except OSError:
        return 0  # it has ended, or a container's root may not look
    return sum(_size(f"/proc/{process}/fd/{number}", removed=True) for number in numbers)


def _size(path: str, *, removed: bool = False) -> int:
    try:
        state = Path(path).stat(follow_symlinks=removed)
    except OSError:
        return 0
    counts = stat.S_ISREG(state.st_mode) and not state.st_nlink if removed else True
    return state.st_blocks * BLOCK if counts else 0
