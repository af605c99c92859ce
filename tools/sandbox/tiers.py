"""The walls around a process, from the strongest: what this machine offers to try, and how each starts Python.

Landlock, seccomp, limits and an empty environment hold in every tier. `process` has nothing more. `namespaces`, for root, and
`bubblewrap`, for others, add a file tree, a network and a folder of limited size of the program's own.
"""

import marshal
import os
import shutil
from pathlib import Path

from tools.sandbox.environment import Environment
from tools.sandbox.inside.plan import Plan
from tools.sandbox.values import Tier

INSIDE = Path(__file__).with_name("inside")
BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from inside import start; start.main(sys.argv[2])"
# Users without a name, process or file (systemd's table of users leaves them free). Not PostgreSQL's user, who owns its data.
FIRST_USER, USERS = 65520, 14
MARSHAL_VERSION = 2  # the same in every Python; the child loads it faster than JSON
OWN_WORK = "/tmp/work"  # noqa: S108  in a file tree of the program's own
ISOLATE = ("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
CONTAIN = ("--disable-userns", "--assert-userns-disabled", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "sandbox")


def candidates() -> tuple[Tier, ...]:
    """Tiers to try, the strongest first. Root never starts bubblewrap: its user inside would be root outside."""
    if is_root():
        return ("namespaces", "process")
    return ("bubblewrap", "process") if shutil.which("bwrap") else ("process",)


def is_root() -> bool:
    """True if Galaxy runs as root, so that programs need another user."""
    return os.geteuid() == 0


def user_for(place: int) -> int:
    """Return the user of the program at a place in the queue; -1 for Galaxy's own."""
    return FIRST_USER + place % USERS if is_root() else -1


def command(tier: Tier, plan: Plan, environment: Environment) -> list[str]:
    """Return the command that starts Python within the tier."""
    given = marshal.dumps(plan._asdict(), MARSHAL_VERSION).hex()
    python = [environment.program, "-I", "-S", "-X", "utf8", "-c", BEGIN, str(INSIDE.parent), given]
    return [*_bubblewrap(plan), *python] if tier == "bubblewrap" else python


def _bubblewrap(plan: Plan) -> list[str]:
    shown = [word for path in (*plan.readable, str(INSIDE)) for word in ("--ro-bind", path, path)]
    devices = [word for path in plan.devices for word in ("--dev-bind", path, path)]
    links = [word for link, target in plan.links.items() for word in ("--symlink", target, link)]
    folder = ["--perms", "0700", "--size", str(plan.disk), "--tmpfs", plan.work]
    return [shutil.which("bwrap") or "bwrap", *ISOLATE, *CONTAIN, *folder, *shown, *devices, *links, "--remount-ro", "/", "--"]
