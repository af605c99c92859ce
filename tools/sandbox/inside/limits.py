"""Limits of the kernel for a process: memory, processor time, files, threads."""

from __future__ import annotations

import os
import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan

MOST_OPEN_FILES = 64
LESS_URGENT = 5  # than Galaxy's own processes


def yield_to_galaxy() -> None:
    """Make this process the first to be killed when the machine runs out of memory, and let others go first."""
    os.nice(LESS_URGENT)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # there is no /proc here


def restrict(plan: Plan) -> None:
    """Set the limits; they cannot be raised again."""
    limits = {
        resource.RLIMIT_AS: plan.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: plan.seconds,
        resource.RLIMIT_FSIZE: plan.disk,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: MOST_OPEN_FILES,
        resource.RLIMIT_NPROC: plan.threads,
    }
    for kind, most in limits.items():
        _limit(kind, most)


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    known = hard != resource.RLIM_INFINITY
    soft = min(most, hard) if known else most
    grace = 1 if kind == resource.RLIMIT_CPU else 0  # the first limit of time sends the signal that tells the reason
    resource.setrlimit(kind, (soft, min(soft + grace, hard) if known else soft + grace))
