"""Plans of children: what one may read, where it may write, who it becomes, and its limits."""

import math
import os
from pathlib import Path

from tools.sandbox.environment import DEVICES, Environment
from tools.sandbox.inside.plan import Plan
from tools.sandbox.values import MEGABYTE, Limits, Tier

LIBRARIES = 384 * MEGABYTE  # addresses that numpy, pandas and matplotlib take without using memory
MOST_THREADS = 100
# One thread for each library: a program has the time of one processor. The C library keeps memory for each thread.
SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "MPLBACKEND": "agg",
    "MPL_IGNORE_SYSTEM_FONTS": "1",
    "LANG": "C.UTF-8",
    "PATH": "",
    "TZ": "UTC",
}


def plan_for(tier: Tier, user: int, work: str, environment: Environment, limits: Limits) -> Plan:
    """Make the plan; the descriptor for the report comes later."""
    return Plan(
        parent=0 if tier == "bubblewrap" else os.getpid(),
        user=user,
        namespaces=tier == "namespaces",
        readable=list(environment.readable),
        links=environment.links,
        devices=[device for device in DEVICES if Path(device).exists()],
        work=work,
        packages=environment.packages,
        fonts=environment.fonts,
        results=-1,
        seconds=math.ceil(limits.seconds),
        memory=limits.memory + LIBRARIES,
        disk=limits.disk,
        threads=MOST_THREADS + (0 if user >= 0 else _threads_of_this_user()),
        report=limits.results,
    )


def settings_for(work: str) -> dict[str, str]:
    """Return the whole of a child's environment variables."""
    return SETTINGS | {"HOME": work, "TMPDIR": work, "MPLCONFIGDIR": f"{work}/.matplotlib"}


def _threads_of_this_user() -> int:
    """Count them: the kernel's limit is one for a user's processes together, not for each."""
    own = os.geteuid()
    return sum(_threads(process) for process in Path("/proc").iterdir() if process.name.isdigit() and _owner(process) == own)


def _owner(process: Path) -> int:
    try:
        return process.stat().st_uid
    except OSError:
        return -1  # it has ended


def _threads(process: Path) -> int:
    try:
        return len(list((process / "task").iterdir()))
    except OSError:
        return 0
