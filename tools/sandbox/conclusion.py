"""Outcome of a child that has ended: its report if there is one, otherwise the reason why there is none.

The report is written by the process in which the program ran: nothing in it is trusted beyond its form and its size.
"""

import signal
from io import BytesIO

import msgspec

from tools.sandbox.child import Child, Stopped
from tools.sandbox.cleaning import cleaner
from tools.sandbox.environment import Environment
from tools.sandbox.files import files_of, plots_of
from tools.sandbox.inside import frames
from tools.sandbox.inside.plan import Plan
from tools.sandbox.values import NotAvailable, Outcome, Status, Table

LONGEST_TEXT, MOST_TABLES, MOST_NAMES = 20_000, 10, 20
NO_REPORT = "The program ended its process, so there is no result."
Frames = list[tuple[bytes, bytes]]


class Report(msgspec.Struct):
    """Form of a child's report."""

    status: Status
    value: str = ""
    error: str = ""
    tables: list[Table] = []
    plots: int = 0
    files: list[str] = []
    left_out: list[str] = []


def conclude(child: Child, stopped: Stopped | None, environment: Environment, plan: Plan, seconds: float) -> Outcome:
    """Return the outcome. Raises NotAvailable if the child ended before its walls stood."""
    received = list(frames.unpack(BytesIO(child.report)))
    if not stopped:
        _check_walls(received, child)
    ending = Outcome(status=stopped.status, error=str(stopped)) if stopped else _ending(received[1:], child)
    clean = cleaner(environment, plan)
    return msgspec.structs.replace(
        ending,
        stdout=clean(child.written["stdout"].decode(errors="replace")),
        stderr=clean(child.written["stderr"].decode(errors="replace")),
        error=clean(ending.error),
        value=clean(ending.value),
        left_out=tuple(map(clean, ending.left_out)),
        seconds=round(seconds, 3),
    )


def _check_walls(received: Frames, child: Child) -> None:
    if not received or received[0][0] != frames.READY:
        said = received[0][1] if received else child.written["stderr"].strip()[-300:]
        raise NotAvailable(f"The sandbox could not be built. {said.decode(errors='replace') or 'It did not start.'}")


def _ending(received: Frames, child: Child) -> Outcome:
    if not received or received[0][0] != frames.REPORT:
        return _without_report(child.process.returncode or 0)
    try:
        report = msgspec.json.decode(received[0][1], type=Report)
    except msgspec.MsgspecError:
        return Outcome(status="killed", error="The program's result cannot be read.")
    blobs = [payload for _, payload in received[1:]]
    return Outcome(
        status=report.status,
        value=report.value[:LONGEST_TEXT],
        error=report.error[-LONGEST_TEXT:],
        tables=tuple(report.tables[:MOST_TABLES]),
        plots=plots_of(blobs[: report.plots]),
        files=files_of(report.files, blobs[report.plots :]),
        left_out=tuple(name[:LONGEST_TEXT] for name in report.left_out[:MOST_NAMES]),
    )


def _without_report(code: int) -> Outcome:
    # bubblewrap passes a signal on as 128 and its number, as shells do.
    number = -code if code < 0 else code - 128
    if number == signal.SIGXCPU:
        return Outcome(status="timeout", error="The program was stopped: it used more processor time than it is allowed.")
    if number == signal.SIGKILL:
        return Outcome(status="killed", error="The system ended the program: it took too much memory or processor time.")
    if number in set(signal.Signals):
        return Outcome(status="killed", error=f"The program crashed ({signal.Signals(number).name}).")
    return Outcome(status="killed", error=NO_REPORT)
