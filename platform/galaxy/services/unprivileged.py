"""The user that PostgreSQL runs as when root starts Galaxy, because PostgreSQL refuses to run as root.

Nothing above the data folder is changed. If that user cannot reach the programs or the data (below `/root`, say), the process
keeps one of root's capabilities, to read and search; without it Galaxy says so and does not start.
"""

import os
import pwd
import shutil
import stat
from pathlib import Path

from galaxy.services.supervision.part import CannotStartError

CANDIDATES = ("galaxy", "postgres", "nobody")
CAP_DAC_READ_SEARCH, CAP_SETPCAP = 2, 8
# Without the securebit, access(2), with which initdb looks for its programs, ignores the capability.
REACHES_ALL = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup"]


def owner_for(folder: Path) -> pwd.struct_passwd | None:
    """Return the user for PostgreSQL's processes; None if Galaxy is not root. An existing cluster keeps its user."""
    if os.geteuid() != 0:
        return None
    if owner := _owner_of(folder):
        return _user(owner)
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStartError("PostgreSQL does not run as root, and the user `nobody` is missing. Start Galaxy as another user.")


def prefix(user: pwd.struct_passwd, *reached: Path) -> list[str]:
    """Return the command that switches to the user and then runs the program after it."""
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise CannotStartError("PostgreSQL does not run as root, and `setpriv` is missing. Start Galaxy as another user.")
    needed = not all(_open_to_all(path) for path in reached)
    if needed and not _has_capabilities():
        raise CannotStartError(
            f"PostgreSQL runs as the user {user.pw_name}, who cannot reach {reached[0]}, and this container's root lacks "
            "the capabilities for that (CAP_DAC_READ_SEARCH, CAP_SETPCAP).  Start Galaxy as another user, or add them."
        )
    capability = REACHES_ALL if needed else []
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [setpriv, *ids, *capability, "--no-new-privs", "--pdeathsig=KILL"]


def _owner_of(folder: Path) -> int:
    try:
        return folder.stat().st_uid
    except OSError:
        return 0  # there is none yet, or root may not look: later errors show it


def _user(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise CannotStartError(f"PostgreSQL's data belongs to the user {uid}, who is missing in /etc/passwd.") from None


def _open_to_all(path: Path) -> bool:
    return all(map(_may_be_passed, path.resolve().parents))


def _may_be_passed(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IXOTH)
    except FileNotFoundError:
        return True  # as it will be created
    except OSError:
        return False


def _has_capabilities() -> bool:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return False
    effective = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    return all(effective >> number & 1 for number in (CAP_DAC_READ_SEARCH, CAP_SETPCAP))
