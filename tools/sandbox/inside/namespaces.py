"""A file tree with nothing but what the program may read, a network without anything, and a folder of limited size.

Root makes them here before it gives up being root; for other users bubblewrap does the same.
"""

from __future__ import annotations

import os

from .kernel import call, system_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET = 0x20000, 0x4000000, 0x8000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
OLD = "/.old"  # the machine's own tree, until everything needed is taken from it
MOST_FILES = 2000


def enter(plan: Plan) -> None:
    """Leave the machine's file tree for one of its own. Raises WallError where that is not permitted."""
    call("unshare", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    call("mount", b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755,size=1m")
    _turn_to_it()
    _work_folder(plan)
    for path in plan.readable:
        _show(path, MS_RDONLY | MS_NOSUID | MS_NODEV)
    for device in plan.devices:
        _show(device, MS_NOSUID)
    for link, target in plan.links.items():
        os.symlink(target, link)
    call("umount2", OLD.encode(), MNT_DETACH)
    call("mount", None, b"/", None, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, None)


def _turn_to_it() -> None:
    os.chdir("/tmp")  # noqa: S108  where the new tree begins
    os.mkdir(OLD[1:])
    system_call("pivot_root", PIVOT_ROOT[os.uname().machine], b".", OLD[1:].encode())
    os.chdir("/")


def _work_folder(plan: Plan) -> None:
    os.makedirs(plan.work)
    options = f"mode=0700,uid={plan.user},gid={plan.user},size={plan.disk},nr_inodes={MOST_FILES}"
    call("mount", b"tmpfs", plan.work.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, options.encode())


def _show(path: str, flags: int) -> None:
    """Show a file or folder of the machine at its own place, with flags that no one can take away."""
    there, place = os.fsencode(OLD + path), os.fsencode(path)
    if os.path.isdir(there):
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.close(os.open(place, os.O_CREAT))
    call("mount", there, place, None, MS_BIND, None)
    call("mount", None, place, None, MS_REMOUNT | MS_BIND | flags, None)
