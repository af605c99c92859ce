"""What keeps the event loops of the web and runner processes prompt."""

import gc
import sys

# How long another thread may keep the loop waiting, s. By Python's own 5 ms, each batch of rows shows in the delays.
TURN = 0.0005


def take_short_turns() -> None:
    """Let the loop's thread have its turn sooner."""
    sys.setswitchinterval(TURN)


def settle() -> None:
    """What is loaded by now stays: no garbage collection need look at it again."""
    gc.collect()
    gc.freeze()
