"""The marks that the upstream puts into the text and the client finds again: times of the machine's monotonic clock."""

import re

STAMP = re.compile(rb"@(\d{9,20})")
ASKED = re.compile(rb"&(\d{9,20})")
FIRST = re.compile(rb'"seq":(\d+)')
CALL = re.compile(rb'"call_id":"([A-Za-z0-9]{9})"')
RESULT = re.compile(rb'"role":\s*"tool"')
_DIRECTIVE = re.compile(rb"\[\[(.+?)\]\]")


def question(*, tokens: int, rate: float, pad: int = 0, tools: int = 0, asks: int = 0) -> str:
    """A question that the upstream answers with so many tokens a second; rate 0 is as fast as can be.

    Before them it calls a tool so many times; with `asks`, a tool that a person must allow.
    """
    return f"Please. [[tokens={tokens} rate={rate:g} pad={pad} tools={tools} asks={asks}]]"


def asked(body: bytes) -> dict[str, float]:
    """Read the last directive in a request's body."""
    found = _DIRECTIVE.findall(body)
    pairs = [pair.split(b"=") for pair in found[-1].split()] if found else []
    return {"tokens": 10, "rate": 0, "pad": 0, "tools": 0, "asks": 0} | {name.decode(): float(value) for name, value in pairs}
