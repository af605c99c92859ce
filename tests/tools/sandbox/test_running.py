"""Programs run side by side, one for each person; they can be followed and cancelled, and their errors are fit to be read."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.stack import ROOT
from tools import sandbox
from tools.sandbox import slots

WAITS = "import time\nprint('begun')\ntime.sleep(60)"


def processes_of_programs() -> list[str]:
    """Children of this process that run programs."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"PPid:\t{os.getpid()}\n" in (path / "status").read_text() and b"inside" in (path / "cmdline").read_bytes():
                found.append(path.name)
        except OSError:
            continue
    return found


async def begun(program: str, *, person: str = "") -> asyncio.Task[sandbox.Outcome]:
    """Start a program; return when it has said something."""
    said = asyncio.Event()
    task = asyncio.create_task(sandbox.run(program, person=person, on_output=lambda _stream, _text: said.set()))
    async with asyncio.timeout(60):
        await said.wait()
    return task


async def test_a_cancelled_program_is_dead_at_once() -> None:
    task = await begun(WAITS)
    assert len(processes_of_programs()) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert processes_of_programs() == []


async def test_a_program_that_waits_for_its_place_can_be_cancelled() -> None:
    first = await begun(WAITS, person="alice")
    waiting = asyncio.create_task(sandbox.run("1", person="alice"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    first.cancel()
    assert (await sandbox.run("1", person="alice")).status == "ok"


async def test_output_is_told_while_the_program_runs() -> None:
    heard: list[tuple[str, str]] = []
    outcome = await sandbox.run(
        "import sys\nprint('one')\nprint('two', file=sys.stderr)", on_output=lambda stream, text: heard.append((stream, text))
    )
    assert sorted(heard) == [("stderr", "two\n"), ("stdout", "one\n")]
    assert (outcome.stdout, outcome.stderr) == ("one\n", "two\n")


async def test_ten_at_once_wait_for_their_turn_and_all_end() -> None:
    limits = sandbox.Limits(queue_seconds=120, seconds=60)
    programs = (sandbox.run(f"print({number})", limits=limits, person=str(number)) for number in range(10))
    outcomes = await asyncio.gather(*programs)
    assert [outcome.stdout for outcome in outcomes] == [f"{number}\n" for number in range(10)]


async def test_no_more_run_at_once_than_there_are_places() -> None:
    limits = sandbox.Limits(at_once=1, queue_seconds=0.1)
    async with slots.place("", sandbox.Limits(at_once=1, queue_seconds=60)):
        with pytest.raises(sandbox.Busy, match="Other programs are running"):
            await sandbox.run("1", limits=limits)


async def test_a_second_program_of_a_person_waits_for_the_first() -> None:
    first = await begun(WAITS, person="bob")
    with pytest.raises(sandbox.Busy):
        await sandbox.run("1", person="bob", limits=sandbox.Limits(queue_seconds=0.1, at_once=8))
    assert (await sandbox.run("1", person="charlie", limits=sandbox.Limits(at_once=8, queue_seconds=60))).status == "ok"
    first.cancel()


async def test_a_program_remembers_nothing_of_the_one_before() -> None:
    await sandbox.run("kept = 1\nopen('kept.txt', 'w').write('x')")
    outcome = await sandbox.run("import os\nprint(os.listdir('.'), 'kept' in globals())")
    assert outcome.stdout == "[] False\n"


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:\n  pass", "SyntaxError: invalid syntax"),
        ("import nothing_like_this", "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("import django", "ModuleNotFoundError: No module named 'django'"),
        ("input()", "EOFError: EOF when reading a line"),
        ("import sys; sys.exit('stopped')", "SystemExit: stopped"),
        ("import pandas as pd\npd.DataFrame({'a': [1]})['b']", "KeyError: 'b'"),
        ("import socket; socket.socket()", "PermissionError: [Errno 1] Operation not permitted"),
        ("code with \0 in it", "SyntaxError: source code string cannot contain null bytes"),
        ("'\ud800'", ""),
    ],
)
async def test_an_error_is_told_by_the_lines_of_the_program(code: str, last: str) -> None:
    outcome = await sandbox.run(code, limits=sandbox.Limits(seconds=60))
    assert outcome.status == "error"
    assert outcome.error.strip().splitlines()[-1].startswith(last)
    for path in (str(ROOT), "/root", "site-packages", "inside/", ".venv"):
        assert path not in outcome.error


async def test_a_traceback_shows_the_line() -> None:
    outcome = await sandbox.run("def half(x):\n    return x / 0\n\nhalf(4)")
    assert outcome.error.startswith(
        'Traceback (most recent call last):\n  File "program.py", line 4, in <module>\n    half(4)\n'
    )
    assert "line 2, in half\n    return x / 0\n" in outcome.error


async def test_what_was_made_before_an_error_is_kept() -> None:
    outcome = await sandbox.run("open('a.csv', 'w').write('a')\nprint('made')\n1 / 0")
    assert (outcome.status, outcome.stdout) == ("error", "made\n")
    assert [(file.name, file.media_type, file.content) for file in outcome.files] == [("a.csv", "text/csv", b"a")]


async def test_output_is_fit_to_be_stored() -> None:
    outcome = await sandbox.run("import sys\nsys.stdout.buffer.write(b'a\\x00\\xff\\x1b[31mb\\r\\n')")
    assert outcome.stdout == "a\ufffdb\r\n"


async def test_a_table_comes_with_types_and_plain_values() -> None:
    code = (
        "import pandas as pd, numpy as np\n"
        "pd.DataFrame({'n': [1.5, np.nan], 'i': [2**60, 1], 'd': pd.to_datetime(['2026-01-02', None]),"
        " 't': ['a', None], 'b': [True, False]}, index=['x', 'y'])"
    )
    (table,) = (await sandbox.run(code, limits=sandbox.Limits(seconds=60))).tables
    assert [(column.name, column.type) for column in table.columns] == [
        ("0", "text"), ("n", "number"), ("i", "number"), ("d", "date"), ("t", "text"), ("b", "boolean")
    ]  # fmt: skip
    assert table.rows == (("x", 1.5, str(2**60), "2026-01-02T00:00:00", "a", True), ("y", None, 1, None, None, False))
    assert table.total == 2


async def test_of_a_long_table_the_first_rows_are_shown() -> None:
    (table,) = (
        await sandbox.run("import pandas as pd\npd.DataFrame({'n': range(5000)})", limits=sandbox.Limits(seconds=60))
    ).tables
    assert (len(table.rows), table.total) == (1000, 5000)
