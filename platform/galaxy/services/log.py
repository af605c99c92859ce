"""What a part wrote: a file that never grows beyond bounds, and its last lines at hand."""

import os
from pathlib import Path

LARGEST = 5 * 1024 * 1024
REMEMBERED = 8 * 1024


class BoundedLog:
    """`<name>.log`, with `<name>.log.1` before it."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / f"{name}.log"
        self._end = b""

    def write(self, data: bytes) -> None:
        """Append. What a full disk does not take is lost: a log must not end what it tells of."""
        self._end = (self._end + data)[-REMEMBERED:]
        try:
            if self.file.exists() and self.file.stat().st_size + len(data) > LARGEST:
                self.file.replace(self.file.with_suffix(".log.1"))
            with os.fdopen(os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as handle:
                handle.write(data)
        except OSError:
            pass

    def forget(self) -> None:
        """Begin a new life of the part: the last lines are of this life only."""
        self._end = b""

    def last_lines(self, most: int = 12) -> list[str]:
        """What it wrote last."""
        return self._end.decode(errors="replace").splitlines()[-most:]
