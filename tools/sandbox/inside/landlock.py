"""Landlock: what of the file tree a process may open, and no way back. Any version of the kernel's interface serves.

See landlock(7). It covers neither `stat` nor sockets nor a file's mode and times: `seccomp` sees to the last two.
"""

from __future__ import annotations

import os
import stat
import struct
from ctypes import create_string_buffer

from .kernel import WallError, address_of, system_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan

CREATE, ADD, RESTRICT = 444, 445, 446  # the same numbers on every architecture
VERSION_FLAG, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = (
    1 << 1,
    1 << 2,
    1 << 3,
    1 << 4,
    1 << 5,
    1 << 7,
    1 << 8,
)
REFER, TRUNCATE = 1 << 13, 1 << 14
# How many rights the kernel's version of the interface knows: from 5.13, 5.19, 6.2, 6.7 and 6.10 on.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
ALL_TCP, ALL_SCOPES = 0b11, 0b11  # from versions 4 and 6 on: no connection, no abstract socket, no signal
WORK = WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
FILE_RIGHTS = WRITE_FILE | READ_FILE | TRUNCATE


def version() -> int:
    """Return the version of the kernel's interface. Raises WallError where there is none."""
    try:
        return system_call("Landlock", CREATE, None, 0, VERSION_FLAG)
    except WallError:
        raise WallError("This system has no Landlock (Linux 5.13 or later, enabled in the kernel).") from None


def restrict(plan: Plan) -> None:
    """Allow what the plan names and nothing else, for this process and for good."""
    known = version()
    every = (1 << RIGHTS[min(known, max(RIGHTS))]) - 1
    rules = _rule_set(every, ALL_TCP if known >= 4 else 0, ALL_SCOPES if known >= 6 else 0)  # noqa: PLR2004  versions
    for path in plan.readable:
        _allow(rules, path, (READ_FILE | READ_DIR) & every)
    for device in plan.devices:
        _allow(rules, device, (READ_FILE | WRITE_FILE) & every)
    _allow(rules, plan.work, WORK & every)
    system_call("landlock_restrict_self", RESTRICT, rules, 0)
    os.close(rules)


def _rule_set(files: int, network: int, scopes: int) -> int:
    # Older kernels take a longer value as long as what they do not know is zero.
    attributes = create_string_buffer(struct.pack("=QQQ", files, network, scopes), 24)
    return system_call("landlock_create_ruleset", CREATE, address_of(attributes), 24, 0)


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= FILE_RIGHTS
    rule = create_string_buffer(struct.pack("=Qi", rights, place), 12)
    system_call("landlock_add_rule", ADD, rules, PATH_BENEATH, address_of(rule), 0)
    os.close(place)
