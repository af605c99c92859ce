"""A child process: started, given its program, read until it ends, and killed whatever happens."""

import asyncio
import codecs
import os
import signal
from asyncio import StreamReader, StreamReaderProtocol
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal

from tools.sandbox.values import Limits, Status
from tools.sandbox.work_folder import is_too_large

StreamName = Literal["stdout", "stderr"]
OnOutput = Callable[[StreamName, str], None]
PIECE = 65536
LOOK_EVERY = 0.1  # seconds


class Stopped(Exception):
    """A program that went beyond a limit, as a status and a sentence."""

    def __init__(self, status: Status, sentence: str) -> None:
        super().__init__(sentence)
        self.status: Status = status


class Child:
    """A running child, and what it has written so far."""

    def __init__(self, process: Process, report: StreamReader) -> None:
        self.process = process
        self.written: dict[StreamName, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self.report = bytearray()
        self._report = report

    async def follow(self, request: bytes, limits: Limits, on_output: OnOutput | None, folder: str) -> None:
        """Give it the program and read until it has ended; watch the size of a folder. Raises Stopped beyond a limit."""
        try:
            async with asyncio.timeout(limits.seconds), asyncio.TaskGroup() as group:
                group.create_task(self._feed(request))
                group.create_task(self._read_output("stdout", limits.output, on_output))
                group.create_task(self._read_output("stderr", limits.output, on_output))
                group.create_task(self._read_report(2 * limits.results))
                group.create_task(self._watch(folder, limits.disk))
        except TimeoutError:
            raise Stopped("timeout", f"The program was stopped: it ran longer than {limits.seconds:g} seconds.") from None
        except ExceptionGroup as stopped:
            raise stopped.exceptions[0] from None

    async def _feed(self, request: bytes) -> None:
        stream = self.process.stdin
        assert stream  # noqa: S101  it was asked for
        try:
            stream.write(request)
            await stream.drain()
            stream.close()
            await stream.wait_closed()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it ended before it read everything

    async def _read_output(self, name: StreamName, most: int, on_output: OnOutput | None) -> None:
        stream = self.process.stdout if name == "stdout" else self.process.stderr
        assert stream  # noqa: S101  it was asked for
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while piece := await stream.read(PIECE):
            kept = piece[: most - sum(map(len, self.written.values()))]
            self.written[name] += kept
            if on_output and (text := decoder.decode(kept)):
                on_output(name, text)
            if len(kept) < len(piece):
                raise Stopped("output", f"The program was stopped: it printed more than {most / 1e6:.1f} MB.")

    async def _read_report(self, most: int) -> None:
        while piece := await self._report.read(PIECE):
            self.report += piece
            if len(self.report) > most:
                raise Stopped("output", "The program was stopped: its results were too large.")

    async def _watch(self, folder: str, most: int) -> None:
        """Wait for its end; measure the folder now and then."""
        while self.process.returncode is None:
            try:
                async with asyncio.timeout(LOOK_EVERY if folder else None):
                    await self.process.wait()
            except TimeoutError:
                too_large = bool(folder) and await asyncio.to_thread(is_too_large, folder, self.process.pid, most)
                if too_large:
                    words = f"The program was stopped: it wrote more than {most / 1e6:.0f} MB, or too many files."
                    raise Stopped("killed", words) from None


@asynccontextmanager
async def started(command_for: Callable[[int], list[str]], settings: Mapping[str, str]) -> AsyncIterator[Child]:
    """Start a child in a session of its own; its command is made for the descriptor it reports by. It is dead at the end."""
    receiving, sending = os.pipe()
    reader = StreamReader()
    try:
        pipe = os.fdopen(receiving, "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: StreamReaderProtocol(reader), pipe)
        process = await _start(command_for(sending), settings, sending)
    finally:
        os.close(sending)
    try:
        yield Child(process, reader)
    finally:
        transport.close()
        _kill(process)
        await _buried(process)


async def _start(command: list[str], settings: Mapping[str, str], sending: int) -> Process:
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=settings, cwd="/", pass_fds=(sending,), start_new_session=True
    )


async def _buried(process: Process) -> None:
    """Wait until nothing of it is left. asyncio waits for the ends of its pipes, too, so what is in them has to be read."""
    for stream in (process.stdout, process.stderr):
        while stream and await stream.read(PIECE):
            pass
    await process.wait()


def _kill(process: Process) -> None:
    if process.returncode is not None:
        return  # its number may be another's by now
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended
