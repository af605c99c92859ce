"""Limits that the process sets itself, and cannot lift."""

import resource
import sys
from pathlib import Path

MEMORY = 256 * 1024**2  # beyond what the loaded libraries take
OUT_OF_MEMORY = 70  # the code with which a process ends then
FILE = 64 * 1024  # jobs write no files; SQLite keeps one of 32 KiB beside a database that others write


def apply() -> None:
    """Limit memory and files, and leave no core file, which would contain passwords."""
    sys.dont_write_bytecode = True  # a compiled module that is cut at the limit would stay, and break every later process
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, FILE)
    pages = Path("/proc/self/statm")
    if pages.exists():  # on Linux alone can the size be told, and limited
        _limit(resource.RLIMIT_AS, int(pages.read_text().split()[0]) * resource.getpagesize() + MEMORY)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))
