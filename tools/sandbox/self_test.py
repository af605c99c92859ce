"""The self-test: probes inside each tier, from the strongest, until one holds. Without one, no program runs; nothing forces it.

A success is kept as long as the process lives. A failure is looked at again after a minute: the machine may have been busy.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from tools.sandbox import tiers
from tools.sandbox.running import run_in
from tools.sandbox.values import Limits, NotAvailable, State, Tier
from tools.sandbox.work_folder import remove_left_behind

TRY_AGAIN = 60.0  # seconds
LIMITS = Limits(seconds=20.0)
PROBES = Path(__file__).with_name("probes.py")


class _Findings(msgspec.Struct):
    broken: list[str]
    works: bool


_found: tuple[State, float] | None = None


def state_at_hand() -> State | None:
    """Return the result of the self-test if there is one."""
    if _found and (_found[0].available or time.monotonic() - _found[1] < TRY_AGAIN):
        return _found[0]
    return None


async def state() -> State:
    """Return whether programs can be run here; only the first call takes a test."""
    global _found  # noqa: PLW0603  one result a process
    known = state_at_hand()
    if known is None:
        known = await _examine()
        _found = known, time.monotonic()
    return known


async def _examine() -> State:
    if sys.platform != "linux":
        return State(available=False, tier=None, reason="Python programs run only on Linux.")
    reasons = []
    try:
        await asyncio.to_thread(remove_left_behind)
        for tier in tiers.candidates():
            reason = await examine_tier(tier)
            if not reason:
                return State(available=True, tier=tier)
            reasons.append(reason)
    except NotAvailable as error:
        reasons.append(str(error))
    return State(available=False, tier=None, reason=" ".join(dict.fromkeys(reasons)))


async def examine_tier(tier: Tier) -> str:
    """Run the probes within a tier. Return what does not hold, or an empty text."""
    async with _bait() as given:
        try:
            outcome = await run_in(
                tier, tiers.USERS - 1, PROBES.read_text(), {"given.json": json.dumps(given).encode()}, LIMITS
            )
        except NotAvailable as error:
            return str(error)
    try:
        findings = msgspec.json.decode(outcome.stdout, type=_Findings)
    except msgspec.MsgspecError:
        return f"The sandbox's self-test did not finish. {outcome.error}"
    if findings.broken:
        return f"The sandbox does not hold on this machine: a program can {', '.join(findings.broken)}."
    return "" if findings.works else "Programs do not work in the sandbox."


@asynccontextmanager
async def _bait() -> AsyncIterator[dict[str, Any]]:
    """Give what the probes try to reach: a file that anyone may read, a service, this process."""
    with tempfile.TemporaryDirectory(prefix="galaxy-bait-") as folder:
        canary = _lay_out(Path(folder))
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield {"canary": str(canary), "folder": folder, "port": port, "parent": os.getpid()}


def _lay_out(folder: Path) -> Path:
    """Make a file that anyone may read."""
    canary = folder / "canary.txt"
    canary.write_text("canary")
    canary.chmod(0o644)
    folder.chmod(0o755)
    return canary
