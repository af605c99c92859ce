"""Run a program in the sandbox: a tool for models that calculate, read tables and draw plots."""

import asyncio
import threading
from typing import Annotated, Any

from django.conf import settings
from msgspec import Meta

from tools import sandbox
from tools.authoring import tool
from tools.sandbox import Limits, Outcome, Table
from tools.specs import Annotations, Context, Example, Reply, ToolError, Unavailable

MEGABYTE = 1024 * 1024
LONGEST_LINE = 200
TO_START = 5.0  # seconds, and to take what it made

Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100_000,
        description="A Python program. What it prints, the value of its last line, open matplotlib figures and the files "
        "that it writes to its folder come back. numpy, pandas and matplotlib can be imported; there is no network.",
    ),
]
Files = Annotated[
    dict[str, Annotated[str, Meta(max_length=1_000_000)]],
    Meta(max_length=20, description="Files to put into the program's folder: the text of each by its name."),
]


def _limits() -> Limits:
    given = settings.ENVIRONMENT
    places = {"at_once": given.python_at_once} if given.python_at_once else {}
    return Limits(seconds=given.python_seconds, memory=given.python_memory_mb * MEGABYTE, **places)


LIMITS = _limits()
_testing = threading.Lock()
SINE = """import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 2 * np.pi)
plt.plot(x, np.sin(x))"""
PRIME = """number, found = 1, 0
while found < 100:
    number += 1
    found += all(number % each for each in range(2, int(number**0.5) + 1))
number"""


def offered() -> str:
    """Say why no program can be run here. While the walls are being tested it is offered: a call waits for the result."""
    known = sandbox.state_at_hand()
    if known is None and _testing.acquire(blocking=False):
        threading.Thread(target=_test_walls, name="sandbox-self-test", daemon=True).start()
    return known.reason if known else ""


def _test_walls() -> None:
    try:
        asyncio.run(sandbox.state())
    finally:
        _testing.release()


@tool(
    title="Run Python",
    category="Code",
    annotations=Annotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False),
    timeout=LIMITS.queue_seconds + LIMITS.seconds + TO_START,
    offered=offered,
    examples=(
        Example(question="Plot a sine wave", arguments={"code": SINE}),
        Example(question="What is the 100th prime number?", arguments={"code": PRIME}),
    ),
)
async def code_execution(context: Context, code: Code, files: Files | None = None) -> Reply:
    """Run a Python program and return what it prints, the value of its last line, tables, plots and files.

    Each call starts anew: nothing is remembered from an earlier one. To read a table, give it in `files`.
    """
    context.progress(None, "Running the program")
    given = {name: text.encode() for name, text in (files or {}).items()}
    try:
        outcome = await sandbox.run(
            code,
            files=given,
            limits=LIMITS,
            person=str(context.person.pk),
            on_output=lambda _stream, text: _tell(context, text),
        )
    except sandbox.NotAvailable as error:
        raise Unavailable(str(error)) from error
    except sandbox.SandboxError as error:
        raise ToolError(str(error)) from error
    return Reply(
        text=_text(outcome),
        data=_data(outcome),
        blocks=tuple(map(_block, outcome.tables)),
        files=(*outcome.plots, *outcome.files),
    )


def _tell(context: Context, text: str) -> None:
    lines = text.strip().splitlines()
    if lines:
        context.progress(None, lines[-1][:LONGEST_LINE])


def _text(outcome: Outcome) -> str:
    """The outcome as a model reads it."""
    made = ", ".join(file.name for file in (*outcome.plots, *outcome.files))
    parts = (
        outcome.stdout.rstrip(),
        outcome.stderr.rstrip() and f"Warnings and errors:\n{outcome.stderr.rstrip()}",
        outcome.value and f"Value:\n{outcome.value}",
        outcome.error.rstrip(),
        made and f"Files that the person can see: {made}",
        outcome.left_out and f"Left out, because they are too many or too large: {', '.join(outcome.left_out)}",
    )
    return "\n\n".join(part for part in parts if part) or "The program ended and printed nothing."


def _data(outcome: Outcome) -> dict[str, Any]:
    data = {"status": outcome.status, "stdout": outcome.stdout, "value": outcome.value, "seconds": outcome.seconds}
    return data | ({"error": outcome.error} if outcome.error else {})


def _block(table: Table) -> dict[str, Any]:
    columns = [{"name": column.name, "type": column.type} for column in table.columns]
    return {"type": "table", "columns": columns, "rows": [list(row) for row in table.rows], "total": table.total}
