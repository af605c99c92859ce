"""Python programs of models and people, run where they can harm nothing. docs/sandbox.md describes the walls."""

from collections.abc import Mapping

from tools.sandbox.child import OnOutput
from tools.sandbox.running import WrongName, run_in
from tools.sandbox.self_test import state, state_at_hand
from tools.sandbox.slots import place
from tools.sandbox.values import Busy, Column, Limits, NotAvailable, Outcome, SandboxError, State, Table, Tier

__all__ = [
    "Busy",
    "Column",
    "Limits",
    "NotAvailable",
    "Outcome",
    "SandboxError",
    "State",
    "Table",
    "Tier",
    "WrongName",
    "run",
    "state",
    "state_at_hand",
]

NO_FILES: Mapping[str, bytes] = {}
DEFAULT = Limits()


async def run(
    code: str,
    *,
    files: Mapping[str, bytes] = NO_FILES,
    limits: Limits = DEFAULT,
    on_output: OnOutput | None = None,
    person: str = "",
) -> Outcome:
    """Run a program and return what came of it. Cancelling kills it. One person's programs run one after another.

    Raises NotAvailable where the self-test fails, Busy when no place becomes free in time, WrongName for a file's name.
    """
    found = await state()
    if found.tier is None:
        raise NotAvailable(found.reason)
    async with place(person, limits) as number:
        return await run_in(found.tier, number, code, files, limits, on_output=on_output)
