"""Running one program within a tier: its folder, its child, and what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePosixPath

from tools.sandbox import environment, tiers
from tools.sandbox.child import OnOutput, Stopped, started
from tools.sandbox.conclusion import conclude
from tools.sandbox.inside import frames
from tools.sandbox.plans import plan_for, settings_for
from tools.sandbox.values import Limits, Outcome, SandboxError, Tier
from tools.sandbox.work_folder import work_folder


class WrongName(SandboxError):
    """A file's name that leads out of the program's folder."""


async def run_in(
    tier: Tier, place: int, code: str, files: Mapping[str, bytes], limits: Limits, *, on_output: OnOutput | None = None
) -> Outcome:
    """Run a program within a tier. Raises NotAvailable if a wall cannot be raised, WrongName for the name of a file."""
    request = _request(code, files)
    found = await asyncio.to_thread(environment.find)
    user = tiers.user_for(place)
    async with _folder(tier, user) as work:
        plan = await asyncio.to_thread(plan_for, tier, user, work, found, limits)
        begun, stopped = time.monotonic(), None
        async with started(
            lambda report: tiers.command(tier, plan._replace(results=report), found), settings_for(work)
        ) as child:
            try:
                await child.follow(request, limits, on_output, work if tier == "process" else "")
            except Stopped as reason:
                stopped = reason
        return conclude(child, stopped, found, plan, time.monotonic() - begun)


def _request(code: str, files: Mapping[str, bytes]) -> bytes:
    parts = [frames.pack(frames.CODE, code.encode("utf-8", "surrogatepass"))]
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.name or "\0" in name:
            raise WrongName(f"{name!r} is not a name for a file: it must lead to a place in the program's own folder.")
        parts += [frames.pack(frames.NAME, name.encode()), frames.pack(frames.CONTENT, content)]
    return b"".join(parts)


@asynccontextmanager
async def _folder(tier: Tier, user: int) -> AsyncIterator[str]:
    """Give the program's folder: one of the machine's where it has no file tree of its own."""
    if tier != "process":
        yield tiers.OWN_WORK
        return
    async with work_folder(user) as path:
        yield str(path)
