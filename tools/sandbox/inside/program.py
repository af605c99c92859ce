"""Running a program as a notebook does: its text, then what the last expression gives."""

from __future__ import annotations

import _ast
import builtins
import os
import sys
import types

from . import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .plan import Plan

NAME = results.PROGRAM


def run(code: str, plan: Plan) -> NoReturn:
    """Run the program, report what came of it, and end the process."""
    _prepare(code, plan)
    report = results.Report(plan, code)
    _note_failure(report, lambda: report.show(_result_of(code, report)))
    _note_failure(report, _wait_for_threads)
    _note_failure(report, report.collect)
    _flush()
    report.send()
    os._exit(0)


def _note_failure(report: results.Report, step: Callable[[], object]) -> None:
    try:
        step()
    except SystemExit as end:
        report.ended(end.code)
    except MemoryError as error:
        report.failed(error, "memory")
    except BaseException as error:  # noqa: BLE001  whatever a program raises is its result
        report.failed(error, "error")


def _prepare(code: str, plan: Plan) -> None:
    sys.argv = [NAME]
    sys.dont_write_bytecode = True
    sys.path[:] = [plan.work, *(path for path in sys.path[1:]), plan.packages]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]
    if "matplotlib" in code:
        _prepare_plots(plan)


def _prepare_plots(plan: Plan) -> None:
    """Give matplotlib its list of fonts, which it would take a second to make."""
    folder = os.environ["MPLCONFIGDIR"]
    os.makedirs(folder, exist_ok=True)
    with open(plan.fonts, "rb") as source, open(os.path.join(folder, os.path.basename(plan.fonts)), "wb") as copy:
        copy.write(source.read())


def _result_of(code: str, report: results.Report) -> object:
    """Run it; return the value of the last line if that is an expression."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    builtins.display = report.show  # type: ignore[attr-defined]  # as in notebooks
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]  # as in the interactive shell
    tree: Any = compile(code, NAME, "exec", _ast.PyCF_ONLY_AST)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], _ast.Expr) else None
    exec(compile(tree, NAME, "exec"), module.__dict__)  # noqa: S102  that is what it is for
    if last is None:
        return None
    return eval(compile(_ast.Expression(last.value), NAME, "eval"), module.__dict__)  # noqa: S307


def _wait_for_threads() -> None:
    threading = sys.modules.get("threading")
    for thread in threading.enumerate() if threading else []:
        if thread is not threading.main_thread() and not thread.daemon:  # type: ignore[union-attr]
            thread.join()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the program closed or replaced it
