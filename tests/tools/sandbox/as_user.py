"""Running Python as another user from a suite that runs as root, in a view of the machine where that user can reach it.

A Python or a checkout below `/root` cannot be reached by others. In a mount namespace of its own the process sees them all the
same; the machine's own rights stay as they are.
"""

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT

USER = 65519  # of no account


def python(*arguments: str, user: int) -> subprocess.CompletedProcess[str]:
    """Run this Python with the checkout as its folder. Root (0) stays root, but sees a machine that any user can reach."""
    if os.geteuid() != 0:
        command = [sys.executable, *arguments]
    else:
        switch = f"setpriv --reuid={user} --regid={user} --clear-groups --inh-caps=-all --bounding-set=-all" if user else ""
        script = f"{_reachable()}\ncd {shlex.quote(str(ROOT))}\nexec {switch} {shlex.join([sys.executable, *arguments])}"
        command = ["unshare", "--mount", "--ipc", "sh", "-euc", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def _reachable() -> str:
    """Shell commands that show what is needed through folders that only root may pass."""
    needed = dict.fromkeys(Path(os.path.realpath(path)) for path in (ROOT, sys.prefix, sys.base_prefix, ROOT / ".venv-sandbox"))
    closed = {parent: None for path in needed for parent in path.parents if not parent.stat().st_mode & stat.S_IXOTH}
    hidden = [path for path in needed if any(parent in path.parents for parent in closed)]
    outermost = [folder for folder in closed if not any(other in folder.parents for other in closed)]
    lines = ["stage=$(mktemp -d)", "mount -t tmpfs none $stage"]
    lines += [f"mkdir $stage/{each}; mount --bind {shlex.quote(str(path))} $stage/{each}" for each, path in enumerate(hidden)]
    lines += [f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}" for folder in outermost]
    moves = [(f"$stage/{each}", shlex.quote(str(path))) for each, path in enumerate(hidden)]
    return "\n".join([*lines, *(f"mkdir -p {path}; mount --move {stage} {path}" for stage, path in moves)])
