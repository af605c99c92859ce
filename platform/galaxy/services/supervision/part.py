"""Description of a process for the supervisor."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from signal import Signals

# Services get no other variables: the keys in the environment are none of their business.
PLAIN = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


class NotReadyError(Exception):
    """The part does not answer yet."""


class CannotStartError(Exception):
    """The operator must change something outside Galaxy first. The message says what."""


def plain_environment() -> dict[str, str]:
    """Return the environment for programs that are not Galaxy's own."""
    return {name: os.environ[name] for name in PLAIN if name in os.environ}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process: how to start it, how to know that it is ready, how to stop it."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: str = "/"
    before: Callable[[], None] = lambda: None  # called before each start
    # Raises NotReadyError or OSError until the part is ready; None for Galaxy's own processes, which report it.
    ready: Callable[[], Awaitable[None]] | None = None
    ready_within: float = 30.0
    # Raises OSError if it hangs (NotReadyError is an answer); None for Galaxy's own, which send heartbeats through the pipe.
    alive: Callable[[], Awaitable[None]] | None = None
    look_every: float = 6.0  # seconds between checks; after three failures the part is restarted
    inherits: tuple[int, ...] = ()  # open files that the process inherits
    drain_signal: Signals | None = None  # sent before anything is stopped, to processes behind a load balancer
    stop_signal: Signals = signal.SIGTERM
    stop_within: float = 5.0
    hurry_signal: Signals = signal.SIGKILL
    drops_user: bool = False  # its command changes the user, and itself asks to end with its parent
    is_vital: bool = True  # whether Galaxy stops when it gives up
    passing_trouble: str = ""  # its message for a failure that passes in a few seconds
