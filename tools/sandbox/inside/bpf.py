"""Programs for the kernel's packet filter machine, which decides about system calls (seccomp(2), bpf(4))."""

import struct

LOAD, AND, JUMP_IF_EQUAL, JUMP_IF_NOT_LESS, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000  # the low half of ERROR is an errno
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # places in `struct seccomp_data`
Program = list[bytes]


class Wants:
    """Condition of a call: half of an argument, under a mask, is one of these values."""

    def __init__(self, argument: int, values: tuple[int, ...], mask: int = 0xFFFFFFFF, *, high: bool = False) -> None:
        self.argument, self.values, self.mask, self.high = argument, values, mask, high


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Encode an instruction. Jumps count the instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def answer(number: int, result: int) -> Program:
    """Answer a call by its number."""
    return [instruction(JUMP_IF_EQUAL, number, 0, 1), instruction(RETURN, result)]


def allow_if(number: int, conditions: tuple[Wants, ...], otherwise: int) -> Program:
    """Allow a call if all conditions hold."""
    body = [step for condition in conditions for step in _require(condition, otherwise)]
    return [instruction(JUMP_IF_EQUAL, number, 0, len(body) + 1), *body, instruction(RETURN, ALLOW)]


def _require(condition: Wants, otherwise: int) -> Program:
    """Go on behind these steps if the condition holds, end the program if not."""
    place = FIRST_ARGUMENT + 8 * condition.argument + (4 if condition.high else 0)  # both architectures are little-endian
    last = len(condition.values) - 1
    return [
        instruction(LOAD, place),
        instruction(AND, condition.mask),
        *(instruction(JUMP_IF_EQUAL, value, last - each + 1) for each, value in enumerate(condition.values)),
        instruction(RETURN, otherwise),
    ]
