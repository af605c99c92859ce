"""Output of log lines to stderr from a thread of its own, so that a stalled reader never blocks a request."""

import atexit
import logging
import os
import threading
import time
from collections import deque

STDERR = 2
MOST_WAITING = 10_000  # lines; further ones are dropped and counted
LAST_SECONDS = 1.0


class NonBlockingHandler(logging.Handler):
    """Formats a record where it occurs and leaves the writing to the thread."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[bytes] = deque()
        self._wake = threading.Event()
        self._written = threading.Event()
        self._dropped = 0
        self._thread: threading.Thread | None = None
        atexit.register(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line. Called under the handler's lock."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001  as every handler of logging: a line that cannot be formatted ends no request
            self.handleError(record)
            return
        if len(self._lines) >= MOST_WAITING:
            self._dropped += 1
            return
        self._lines.append(line.encode("utf-8", "backslashreplace") + b"\n")
        self._written.clear()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()
        self._wake.set()

    def flush(self) -> None:
        """Wait until everything is written, but only briefly."""
        if self._thread is not None and self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._written.wait(LAST_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._lines:
                self._write(self._lines.popleft())
                if dropped := self._dropped:
                    self._dropped = 0
                    self._write(b"%d log lines were dropped because they were not read.\n" % dropped)
            self._written.set()

    @staticmethod
    def _write(line: bytes) -> None:
        while line:
            try:
                line = line[os.write(STDERR, line) :]
            except BlockingIOError:  # the descriptor may be shared with a program that made it non-blocking
                time.sleep(0.05)
            except OSError:  # there is no reader
                return
