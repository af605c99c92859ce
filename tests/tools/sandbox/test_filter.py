"""The filter of system calls decides the same on x86-64 and on aarch64, also where the other processor is not at hand."""

import errno
import os
import struct
from functools import cache

import pytest

from tools.sandbox.inside import bpf, seccomp, syscalls
from tools.sandbox.inside.kernel import WallError

ALLOWED, DENIED, ABSENT, PRETENDED = bpf.ALLOW, bpf.ERROR | errno.EPERM, bpf.ERROR | errno.ENOSYS, bpf.ERROR
TABLES = (
    syscalls.FILES,
    syscalls.MEMORY_THREADS_TIME_AND_PIPES,
    syscalls.BOUNDED,
    syscalls.PRETENDED,
    syscalls.ATTRIBUTES,
    syscalls.DENIED,
)
THREAD, CHILD, NAMESPACE = 0x3D0F00, 17, 0x10010000
REQUEST_TO_TYPE_FOR_OTHERS = 0x5412


@cache
def filter_for(machine: str) -> list[tuple[int, ...]]:
    return [struct.unpack("=HBBI", step) for step in seccomp.assemble(machine)]


def decide(machine: str, number: int, *arguments: int, architecture: int = 0) -> int:
    """Answer of the filter, by a small copy of the kernel's machine. An endless program would never return."""
    program = filter_for(machine)
    given = [each & 0xFFFFFFFFFFFFFFFF for each in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack("=iIQ6Q", number, architecture or seccomp.AUDIT_ARCHITECTURES[machine], 0, *given)
    value, place = 0, 0
    while True:
        code, if_true, if_false, operand = program[place]
        place += 1
        if code == bpf.LOAD:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == bpf.AND:
            value &= operand
        elif code == bpf.RETURN:
            return operand
        else:
            holds = value == operand if code == bpf.JUMP_IF_EQUAL else value >= operand
            place += if_true if holds else if_false


def number(machine: str, name: str) -> int:
    return next(numbers[name] for table in TABLES if name in (numbers := syscalls.numbers(table, machine)))


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_calls_are_decided_by_their_arguments(machine: str) -> None:
    own, path = os.getpid(), 0x7F0000000000
    cases = {
        ("read", 0): ALLOWED,
        ("socket", 2, 1): DENIED,
        ("execve", path): DENIED,
        ("memfd_create", path): DENIED,
        ("fchmod", 3, 0o777): PRETENDED,
        ("openat", -100, path, os.O_RDONLY): ALLOWED,
        ("openat", -100, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC): ALLOWED,
        ("openat", -100, path, os.O_RDONLY | os.O_TRUNC): DENIED,
        ("openat", -100, path, os.O_RDONLY | os.O_TRUNC | os.O_CLOEXEC): DENIED,
        ("clone", THREAD): ALLOWED,
        ("clone", CHILD): DENIED,
        ("clone", THREAD | NAMESPACE): DENIED,
        ("kill", own, 15): ALLOWED,
        ("kill", own + 1, 15): DENIED,
        ("kill", -1, 9): DENIED,
        ("tgkill", own, 5, 6): ALLOWED,
        ("tgkill", own + 1, 5, 6): DENIED,
        ("prlimit64", 0, 7): ALLOWED,
        ("prlimit64", 1, 7): DENIED,
        ("prctl", 15, path): ALLOWED,
        ("prctl", 1, 0): DENIED,
        ("fcntl", 3, 1): ALLOWED,
        ("fcntl", 3, 8, 1): DENIED,
        ("ioctl", 0, 0x5401): ALLOWED,
        ("ioctl", 0, REQUEST_TO_TYPE_FOR_OTHERS): DENIED,
        ("ioctl", 0, 0x5401 | 1 << 40): ALLOWED,  # the kernel looks at the lower half, as the filter does
        ("socketpair", 1, 1 | os.O_CLOEXEC): ALLOWED,
        ("socketpair", 1, 2): DENIED,
        ("socketpair", 2, 1): DENIED,
        ("sendto", 3, path, 1, 0, 0): ALLOWED,
        ("sendto", 3, path, 1, 0, path): DENIED,
        ("sendto", 3, path, 1, 0, 1 << 40): DENIED,
        ("sendto", 3, path, 1, 0, 1): DENIED,
    }
    found = {case: decide(machine, number(machine, str(case[0])), *case[1:]) for case in cases}  # type: ignore[arg-type]
    assert found == cases


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_calls_without_a_name_do_not_exist(machine: str) -> None:
    named = {each for table in TABLES for each in syscalls.numbers(table, machine).values()}
    assert {each: decide(machine, each) for each in range(1000) if each not in named and decide(machine, each) != ABSENT} == {}


@pytest.mark.parametrize("machine", syscalls.ARCHITECTURES)
def test_numbers_of_another_processor_end_the_program(machine: str) -> None:
    assert decide(machine, number(machine, "read"), architecture=0x40000003) == bpf.KILL
    assert decide(machine, 0x40000000) == bpf.KILL


def test_no_call_is_named_twice() -> None:
    for machine in syscalls.ARCHITECTURES:
        names = [name for table in TABLES for name in syscalls.numbers(table, machine)]
        numbers = [each for table in TABLES for each in syscalls.numbers(table, machine).values()]
        assert len(set(names)) == len(names)
        assert len(set(numbers)) == len(numbers)
        assert len(seccomp.assemble(machine)) <= 4096


def test_a_processor_that_is_not_known_is_refused() -> None:
    with pytest.raises(WallError, match="riscv64"):
        seccomp.assemble("riscv64")
