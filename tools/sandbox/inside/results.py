"""Report of a program: value, tables, plots, files, or the traceback of its error. The parent trusts nothing of it."""

from __future__ import annotations

import os
import sys
from io import BytesIO

from . import frames, tables
from .json_text import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .plan import Plan

MOST_PLOTS, MOST_FILES, MOST_TABLES, LONGEST_VALUE, MOST_FRAMES = 20, 20, 10, 20_000, 20
PROGRAM = "program.py"
OUT_OF_MEMORY = b'{"status": "memory", "error": "MemoryError"}'


class Report:
    """Gathers what a program leaves, until it is sent."""

    def __init__(self, plan: Plan, code: str) -> None:
        self._plan, self._code = plan, code
        self._before = dict(self._states())
        self._room = plan.report
        self._said: dict[str, Any] = {"status": "ok"}
        self._values: list[str] = []
        self._tables: list[dict[str, Any]] = []
        self._plots: list[bytes] = []
        self._files: list[tuple[str, bytes]] = []
        self._left_out: list[str] = []

    def show(self, *values: object) -> None:
        """Keep values: a table as a table, anything else as text."""
        for value in values:
            if value is None:
                continue
            if len(self._tables) < MOST_TABLES and (table := tables.table_of(value)):
                self._tables.append(table)
            self._values.append(repr(value)[:LONGEST_VALUE])

    def ended(self, code: object) -> None:
        """Note that the program called sys.exit."""
        if code not in {None, 0}:
            self._fails("error", f"SystemExit: {code}")

    def failed(self, error: BaseException, status: str) -> None:
        """Note the error, with the lines of the program that led to it."""
        import linecache  # noqa: PLC0415  most programs have no error, and these two take a while to load
        import traceback  # noqa: PLC0415

        linecache.cache[PROGRAM] = (len(self._code), None, self._code.splitlines(keepends=True), PROGRAM)
        steps = error.__traceback__
        while steps and steps.tb_frame.f_code.co_filename != PROGRAM:
            steps = steps.tb_next
        self._fails(status, "".join(traceback.format_exception(type(error), error, steps, limit=-MOST_FRAMES)))

    def _fails(self, status: str, error: str) -> None:
        """Keep the first failure; later ones come of it."""
        if self._said["status"] == "ok":
            self._said = {"status": status, "error": error[-LONGEST_VALUE:]}

    def collect(self) -> None:
        """Take the open figures and the files that the program wrote."""
        self._take_plots()
        for name in sorted(dict(self._states())):
            self._take_file(name)

    def _take_plots(self) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums()[:MOST_PLOTS] if pyplot else []:
            image = BytesIO()
            pyplot.figure(number).savefig(image, format="png")  # type: ignore[union-attr]
            if image.tell() <= self._room:
                self._room -= image.tell()
                self._plots.append(image.getvalue())
            else:
                self._left_out.append(f"figure {number}")

    def _take_file(self, name: str) -> None:
        state = os.lstat(name)
        if (state.st_size, state.st_mtime_ns) == self._before.get(name):
            return
        if len(self._files) == MOST_FILES or state.st_size > self._room:
            self._left_out.append(name)
            return
        self._room -= state.st_size
        with open(name, "rb") as file:
            self._files.append((name, file.read()))

    def _states(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the files in the folder, with size and time; hidden ones belong to libraries."""
        os.chdir(self._plan.work)
        for folder, inner, names in os.walk("."):
            inner[:] = [name for name in inner if not name.startswith((".", "__pycache__"))]
            for path in (os.path.join(folder, name)[2:] for name in names if not name.startswith(".")):
                state = os.lstat(path)
                yield path, (state.st_size, state.st_mtime_ns)

    def send(self) -> None:
        """Write the report to the parent."""
        try:
            content = encode(self._as_json()).encode()
        except MemoryError:
            content, self._plots, self._files = OUT_OF_MEMORY, [], []
        frames.write(self._plan.results, frames.REPORT, content)
        for blob in (*self._plots, *(blob for _, blob in self._files)):
            frames.write(self._plan.results, frames.CONTENT, blob)

    def _as_json(self) -> dict[str, Any]:
        names = [name for name, _ in self._files]
        value = "\n".join(self._values)[:LONGEST_VALUE]
        parts = {"value": value, "tables": self._tables, "plots": len(self._plots), "files": names}
        return self._said | parts | {"left_out": self._left_out[:MOST_FILES]}
