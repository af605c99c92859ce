"""The log of a part: a file of bounded size, and its last lines in memory."""

import os
from pathlib import Path

LARGEST = 5 * 1024 * 1024
REMEMBERED = 8 * 1024


class BoundedLog:
    """`<name>.log`, and `<name>.log.1` with the lines before it."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / f"{name}.log"
        self._end = b""

    def write(self, data: bytes) -> None:
        """Append. Data that a full disk refuses is lost: logging must not end the part."""
        self._end = (self._end + data)[-REMEMBERED:]
        try:
            if self.file.exists() and self.file.stat().st_size + len(data) > LARGEST:
                self.file.replace(self.file.with_suffix(".log.1"))
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as handle:
                handle.write(data)
        except OSError:
            pass

    def forget(self) -> None:
        """Start again with the part: the last lines are those of its current run."""
        self._end = b""

    def last_lines(self, most: int = 12) -> list[str]:
        """Return the last lines."""
        return self._end.decode(errors="replace").splitlines()[-most:]
