"""What the supervisor needs to know of a process that it keeps running."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from signal import Signals

# Services get nothing else of the environment: the keys in it are not their business.
PLAIN = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


class NotReadyError(Exception):
    """The part does not answer yet."""


class CannotStartError(Exception):
    """Something outside Galaxy must be changed first. The message says what."""


def plain_environment() -> dict[str, str]:
    """The environment for programs that are not Galaxy's own."""
    return {name: os.environ[name] for name in PLAIN if name in os.environ}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process: how to start it, how to tell that it serves, how to stop it."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: str = "/"
    before: Callable[[], None] = lambda: None  # done before each start
    # Raises NotReadyError or OSError until the part serves; None for a process of Galaxy's own, which tells it.
    ready: Callable[[], Awaitable[None]] | None = None
    ready_within: float = 30.0
    # Raises OSError when it hangs (NotReadyError is an answer); None for Galaxy's own, whose heart beats through the pipe.
    alive: Callable[[], Awaitable[None]] | None = None
    look_every: float = 6.0  # how often that is looked at, s; three times in vain, and it is started again
    inherits: tuple[int, ...] = ()  # open files that the process gets
    drain_signal: Signals | None = None  # sent before anything is stopped, to one that others send people to
    stop_signal: Signals = signal.SIGTERM
    stop_within: float = 5.0
    hurry_signal: Signals = signal.SIGKILL
    drops_user: bool = False  # its command changes the user, and asks for the end with its parent by itself
    passing_trouble: str = ""  # what it says when it failed for a reason that is over in a few seconds
