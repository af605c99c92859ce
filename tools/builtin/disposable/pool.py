"""The processes of one job: a few, kept warm, one for each question at a time.

Jobs only compute or read, so a question whose process had just gone to rest is asked again.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, LifoQueue

from tools.builtin.disposable import framing, limits

MOST = 4  # processes at a time; more questions wait
ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-s", "-P", "-m", "tools.builtin.disposable")  # -P: no module of the folder it runs in
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",  # PostgreSQL's client looks for passwords and certificates there
    "PGPASSFILE": os.devnull,
    "PGSERVICEFILE": os.devnull,
}
Process = subprocess.Popen[bytes]
logger = logging.getLogger("tools.builtin.disposable")


class ProcessEnded(Exception):
    """The process ended before it answered."""


class TookTooLong(ProcessEnded):
    """The time for one answer was up, or the question was cancelled."""


class NeededTooMuch(ProcessEnded):
    """The memory was used up."""


class Pool:
    """The processes of one job, named by its module."""

    def __init__(self, module: str) -> None:
        self._command = (*COMMAND, module)
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix=module)
        self._resting: LifoQueue[Process] = LifoQueue()

    async def ask(self, message: bytes) -> bytes:
        """Answer a message. Cancelled, it kills the process that works on it. Raises ProcessEnded."""
        question = _Question(message)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)
        except asyncio.CancelledError:
            question.abandon()
            raise

    def _answer(self, question: "_Question") -> bytes:
        """Ask a resting process, or a new one where it has gone."""
        while True:
            process, is_new = self._taken()
            answer = question.put_to(process)
            if answer is not None:
                self._resting.put(process)
                return answer
            code = _end(process)
            if is_new or question.is_abandoned or code:  # one that rested may have gone by itself, with code 0
                raise self._reason(code, is_abandoned=question.is_abandoned)

    def _reason(self, code: int, *, is_abandoned: bool) -> ProcessEnded:
        if is_abandoned or code == -signal.SIGALRM:
            return TookTooLong()
        if code in (limits.OUT_OF_MEMORY, -signal.SIGKILL):  # the second by the system, when the machine has none left
            return NeededTooMuch()
        logger.error("A process of %s broke: it ended with %d.", self._command[-1], code)
        return ProcessEnded()

    def _taken(self) -> tuple[Process, bool]:
        """A process, and whether it is new."""
        try:
            while (resting := self._resting.get_nowait()).poll() is not None:
                _end(resting)
        except Empty:
            return self._new(), True
        return resting, False

    def _new(self) -> Process:
        return subprocess.Popen(  # noqa: S603  our own program
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # Ctrl-C at a terminal is for Galaxy, which ends its questions itself
        )


class _Question:
    """One message on its way through a process."""

    def __init__(self, message: bytes) -> None:
        self._message = message
        self._lock = threading.Lock()
        self._process: Process | None = None
        self.is_abandoned = False

    def put_to(self, process: Process) -> bytes | None:
        """The process's answer; None if it ended, or if the question was abandoned."""
        with self._lock:
            self._process = process
            if self.is_abandoned:
                return None
        assert process.stdin  # noqa: S101  for the type checker
        assert process.stdout  # noqa: S101  for the type checker
        try:
            framing.write(process.stdin, self._message)
            answer = framing.read(process.stdout)
        except OSError:
            answer = None
        with self._lock:
            self._process = None
            return None if self.is_abandoned else answer

    def abandon(self) -> None:
        """Kill what works on it; what waits does not begin."""
        with self._lock:
            self.is_abandoned = True
            if self._process:
                self._process.kill()


def _end(process: Process) -> int:
    """Wait for its end, which is near or made so, and give the code."""
    try:
        code = process.wait(0.2)  # its output ends a moment before it does
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe:
                pipe.close()
        except OSError:  # what was not written yet has nowhere to go
            pass
    return code
