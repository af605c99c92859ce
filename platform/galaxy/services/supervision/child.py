"""A started process that never outlives the supervisor."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import Process
from signal import Signals

from galaxy.services.supervision import readiness
from galaxy.services.supervision.log import BoundedLog
from galaxy.services.supervision.part import NotReadyError, Part

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A running process of a part. Its output goes to the log until the last writer closes it."""

    def __init__(self, process: Process, output: int, reports: int, log: BoundedLog) -> None:
        self.pid = process.pid
        self.ended = asyncio.create_task(process.wait())
        self._output, self._reports, self._log = output, reports, log
        os.set_blocking(output, False)
        os.set_blocking(reports, False)
        asyncio.get_running_loop().add_reader(output, self._read)

    @classmethod
    async def start(cls, part: Part, log: BoundedLog) -> "Child":
        """Start it in its own session, so that the terminal's Ctrl-C reaches only the supervisor."""
        output, write_end = os.pipe()
        reports, report_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=dict(part.environment) | {readiness.VARIABLE: str(report_end)},
                cwd=part.folder,
                start_new_session=True,
                pass_fds=(*part.inherits, report_end),
                preexec_fn=None if part.drops_user else end_with_parent(),
            )
        except OSError:
            os.close(output)
            os.close(reports)
            raise
        finally:
            os.close(write_end)
            os.close(report_end)
        return cls(process, output, reports, log)

    async def reports_ready(self) -> None:
        """Raise NotReadyError until the process has reported that it is ready."""
        if not self._heard():
            raise NotReadyError("It has not reported that it is ready.")

    async def beats(self) -> None:
        """Raise TimeoutError if there was no heartbeat since the last check."""
        if not self._heard():
            raise TimeoutError("There was no heartbeat.")

    def _heard(self) -> bool:
        """Read everything from the pipe; return whether there was anything."""
        heard = False
        try:
            while os.read(self._reports, 65536):
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
        """Kill the process and everything in its session."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def close(self) -> None:
        """Read the rest of the output and close the pipe."""
        if self._output >= 0:
            self._read()
        if self._output >= 0:
            self._close()
        os.close(self._reports)

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
    """Return what the child runs before the program; None on systems without this feature."""
    return _EndWithParent(os.getpid()) if _libc else None


class _EndWithParent:
    """Asks the kernel for SIGKILL when the parent ends. It survives `exec`, but not a change of user."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def __call__(self) -> None:
        assert _libc is not None  # noqa: S101  made only where there is one
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._parent:  # the parent ended before the request
            os._exit(1)
