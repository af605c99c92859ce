"""Numbers from outside, read in this one place: of any type, within bounds, never an error. Pure."""

import re

LONGEST = 1_000
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


def number(value: object) -> float | None:
    """The number that a value is or says; None for all others, NaN among them. One too large for a float is infinite."""
    if isinstance(value, str):
        text = value.strip()
        return float(text) if len(text) <= LONGEST and _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  NaN alone differs
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def within(value: object, most: float, *, least: float = 0.0) -> float | None:
    """The number, moved into these bounds; None where it is none."""
    found = number(value)
    return None if found is None else min(max(found, least), most)
