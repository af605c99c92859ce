"""Becoming a user without rights: no root, no capabilities, none to be had by any program."""

import ctypes
import os

from .kernel import WallError, address_of, call

SIGKILL, PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 9, 1, 38, 47, 4
CAPABILITY_VERSION_3 = 0x20080522


def become(user: int) -> None:
    """Change to the user and give up all capabilities. Raises WallError if it is still root, or cannot change."""
    if user >= 0:
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        except OSError as error:
            raise WallError(f"The user cannot be changed to {user}: {error.strerror}") from None
    if 0 in os.getresuid():
        raise WallError("The program would run as root.")
    _give_up_capabilities()
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _give_up_capabilities() -> None:
    call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = ctypes.create_string_buffer(CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4), 8)
    none = ctypes.create_string_buffer(24)
    call("capset", address_of(header), address_of(none))


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the parent ends. A change of user cancels it: it comes after."""
    if parent:
        call("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            raise WallError("Galaxy ended.")
