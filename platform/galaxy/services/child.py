"""A started process that never outlives the supervisor."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import Process
from signal import Signals

from galaxy.services import readiness
from galaxy.services.log import BoundedLog
from galaxy.services.part import NotReadyError, Part

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A running process of a part. Its output is read into the log until the last writer closed it."""

    def __init__(self, process: Process, output: int, told: int, log: BoundedLog) -> None:
        self.pid = process.pid
        self.ended = asyncio.create_task(process.wait())
        self._output, self._told, self._log = output, told, log
        os.set_blocking(output, False)
        os.set_blocking(told, False)
        asyncio.get_running_loop().add_reader(output, self._read)

    @classmethod
    async def start(cls, part: Part, log: BoundedLog) -> "Child":
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches the supervisor only."""
        output, write_end = os.pipe()
        told, tell = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=dict(part.environment) | {readiness.VARIABLE: str(tell)},
                cwd=part.folder,
                start_new_session=True,
                pass_fds=(*part.inherits, tell),
                preexec_fn=None if part.drops_user else end_with_parent(),
            )
        except OSError:
            os.close(output)
            os.close(told)
            raise
        finally:
            os.close(write_end)
            os.close(tell)
        return cls(process, output, told, log)

    async def tells_ready(self) -> None:
        """Raises NotReadyError until the process has told that it serves."""
        if not self._heard():
            raise NotReadyError("It has not told that it serves.")

    async def beats(self) -> None:
        """Raises TimeoutError when nothing came since the last look."""
        if not self._heard():
            raise TimeoutError("Its heart does not beat.")

    def _heard(self) -> bool:
        """Whether anything came through the pipe; takes all of it."""
        heard = False
        try:
            while os.read(self._told, 65536):
                heard = True
        except BlockingIOError:
            pass
        return heard

    def send(self, number: Signals) -> None:
        """Send a signal to the process."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def kill(self) -> None:
        """Kill the process and whatever it started in its session."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        """Read what is left and close the pipe."""
        if self._output >= 0:
            self._read()
        if self._output >= 0:
            self._close()
        os.close(self._told)

    def _read(self) -> None:
        try:
            data = os.read(self._output, 65536)
        except BlockingIOError:
            return
        if data:
            self._log.write(data)
        else:
            self._close()

    def _close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._output)
        os.close(self._output)
        self._output = -1


def end_with_parent() -> "_EndWithParent | None":
    """What the child does before it becomes the program; None where the system has no such thing."""
    return _EndWithParent(os.getpid()) if _libc else None


class _EndWithParent:
    """Asks the kernel for SIGKILL when the parent ends. It survives `exec`, but not a change of user."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def __call__(self) -> None:
        assert _libc is not None  # noqa: S101  made only where there is one
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._parent:  # it ended before the request
            os._exit(1)
