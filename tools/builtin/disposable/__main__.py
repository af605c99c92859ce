"""The process: it does one job, named by its module, for one message after the other, until none comes for a while."""

import select
import signal
import sys
from importlib import import_module

from tools.builtin.disposable import framing, limits

IDLE_SECONDS = 60


def main(module: str) -> None:
    """Answer until the input ends."""
    job = import_module(module)
    limits.apply()
    given, taken = open(0, "rb", buffering=0), open(1, "wb")  # noqa: SIM115  they stay open until the end
    while select.select([given], [], [], IDLE_SECONDS)[0] and (message := framing.read(given)):
        signal.setitimer(signal.ITIMER_REAL, job.SECONDS)  # its signal ends the process, wherever it is
        try:
            answer = job.answer(message)
        except MemoryError:
            sys.exit(limits.OUT_OF_MEMORY)  # it may be damaged
        signal.setitimer(signal.ITIMER_REAL, 0)
        framing.write(taken, answer)


if __name__ == "__main__":
    main(sys.argv[1])
