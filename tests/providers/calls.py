"""Requests to the stand-in, and when each client went away. Times are the machine's monotonic nanoseconds."""

import dataclasses
import time
from collections import Counter
from typing import Any


@dataclasses.dataclass
class Call:
    """One request. `outcome` is empty while it is open, then `complete`, `refused`, `fault` or `client_closed`."""

    id: int
    wire: str
    model: str
    streaming: bool
    key: str
    body: dict[str, Any]
    question: str = ""
    arrived: int = dataclasses.field(default_factory=time.monotonic_ns)
    first_token: int = 0
    ended: int = 0
    tokens: int = 0
    outcome: str = ""

    def end(self, outcome: str) -> None:
        """Notes how it ended; the first word holds."""
        if not self.outcome:
            self.outcome, self.ended = outcome, time.monotonic_ns()


class Calls:
    """Every call since the last `clear`."""

    def __init__(self) -> None:
        self.all: list[Call] = []
        self.repeats: Counter[str] = Counter()

    def clear(self) -> None:
        """Forgets all."""
        self.all.clear()
        self.repeats.clear()

    def add(self, wire: str, model: str, key: str, body: dict[str, Any], question: str, *, streaming: bool) -> Call:
        """Notes a call that just arrived."""
        call = Call(len(self.all) + 1, wire, model, streaming, key, body, question)
        self.all.append(call)
        return call

    @property
    def open(self) -> int:
        """Number of requests that are being answered."""
        return sum(not call.outcome for call in self.all)

    @property
    def last(self) -> Call:
        return self.all[-1]

    def as_json(self) -> dict[str, Any]:
        return {"open": self.open, "total": len(self.all), "calls": [dataclasses.asdict(call) for call in self.all]}
