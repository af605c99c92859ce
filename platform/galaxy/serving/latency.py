"""Settings that keep the event loops of the web and runner processes responsive."""

import gc
import sys

# Longest time another thread may delay the loop, in seconds. With Python's own 5 ms, each batch of rows shows in the delays.
TURN = 0.0005


def take_short_turns() -> None:
    """Let the loop's thread take its turn sooner."""
    sys.setswitchinterval(TURN)


def settle() -> None:
    """Exclude everything loaded so far from garbage collection."""
    gc.collect()
    gc.freeze()
