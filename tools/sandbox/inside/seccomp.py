"""Which system calls a program may make: an allow list, on x86-64 and aarch64. Other processors are refused."""

import ctypes
import errno
import os
import struct

from . import syscalls
from .bpf import (
    ALLOW,
    ARCHITECTURE,
    ERROR,
    JUMP_IF_EQUAL,
    JUMP_IF_NOT_LESS,
    KILL,
    LOAD,
    NUMBER,
    RETURN,
    Program,
    Wants,
    allow_if,
    answer,
    instruction,
)
from .kernel import WallError, address_of, call

AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000  # a second set of numbers on x86-64
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ABSENT, REFUSED, PRETENDED = ERROR | errno.ENOSYS, ERROR | errno.EPERM, ERROR
UNSUPPORTED = ERROR | errno.ENOTSUP

CLONE_THREAD, CLONE_NEW_ANYTHING = 0x10000, 0x7E020000
# Landlock before version 3 does not stop a file opened for reading from being emptied.
OPENING = tuple(way | emptied for emptied in (0, os.O_TRUNC) for way in range(4) if way or not emptied)
OPEN_MASK = os.O_TRUNC | 3
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
TERMINAL_AND_FLAGS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Duplicates, flags, locks and the size of a pipe: not its owner, who would get signals, nor leases.
FILE_CONTROL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
NAMES_OF_THREADS = (15, 16)
AF_UNIX, SOCK_STREAM = 1, 1


def _bounds() -> dict[str, tuple[Wants, ...]]:
    own = (os.getpid(),)
    return {
        "open": (Wants(1, OPENING, OPEN_MASK),),
        "openat": (Wants(2, OPENING, OPEN_MASK),),
        "creat": (),
        "ioctl": (Wants(1, TERMINAL_AND_FLAGS),),
        "fcntl": (Wants(1, FILE_CONTROL),),
        "clone": (Wants(0, (CLONE_THREAD,), CLONE_THREAD | CLONE_NEW_ANYTHING),),
        "kill": (Wants(0, own),),
        "tgkill": (Wants(0, own),),
        "prlimit64": (Wants(0, (0, *own)),),
        "prctl": (Wants(0, NAMES_OF_THREADS),),
        # asyncio talks to itself through a pair of sockets; one of datagrams could write to any socket by its path.
        "socketpair": (Wants(0, (AF_UNIX,)), Wants(1, (SOCK_STREAM,), 0xF)),
        "sendto": (Wants(4, (0,)), Wants(4, (0,), high=True)),
    }


def restrict() -> None:
    """Put the filter in force for this process, for good. Raises WallError if the kernel takes none."""
    program = b"".join(assemble(os.uname().machine))
    steps = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, address_of(steps)))
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address_of(header), 0, 0)


def assemble(machine: str) -> Program:
    """Return the filter for a processor. Raises WallError if it is neither x86-64 nor aarch64."""
    if machine not in AUDIT_ARCHITECTURES:
        raise WallError(f"The sandbox does not know the system calls of {machine}.")
    return [
        instruction(LOAD, ARCHITECTURE),
        instruction(JUMP_IF_EQUAL, AUDIT_ARCHITECTURES[machine], 1, 0),
        instruction(RETURN, KILL),
        instruction(LOAD, NUMBER),
        instruction(JUMP_IF_NOT_LESS, X32_BIT, 0, 1),
        instruction(RETURN, KILL),
        *_decisions(machine),
        instruction(RETURN, ABSENT),
    ]


def _decisions(machine: str) -> Program:
    results = (
        (syscalls.FILES, ALLOW),
        (syscalls.MEMORY_THREADS_TIME_AND_PIPES, ALLOW),
        (syscalls.PRETENDED, PRETENDED),
        (syscalls.ATTRIBUTES, UNSUPPORTED),
        (syscalls.DENIED, REFUSED),
    )
    plain = [
        step
        for table, result in results
        for number in syscalls.numbers(table, machine).values()
        for step in answer(number, result)
    ]
    bounds = _bounds()
    bounded = syscalls.numbers(syscalls.BOUNDED, machine)
    return plain + [step for name, number in bounded.items() for step in allow_if(number, bounds[name], REFUSED)]
