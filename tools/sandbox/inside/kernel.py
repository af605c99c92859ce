"""Calls of the kernel that Python has no function for."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)


class WallError(Exception):
    """A wall that could not be raised, and why."""


def call(name: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library. Raises WallError with its name and the kernel's reason."""
    result: int = getattr(_libc, name)(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments))
    if result < 0:
        raise WallError(f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def system_call(name: str, number: int, *arguments: int | bytes | None) -> int:
    """Make a system call that has no function in the C library. Raises WallError."""
    try:
        return call("syscall", number, *arguments)
    except WallError as error:
        raise WallError(str(error).replace("syscall", name)) from None


def address_of(buffer: ctypes.Array[ctypes.c_char]) -> int:
    """Return the address of a buffer, which must be kept until the kernel has read it."""
    return ctypes.addressof(buffer)
