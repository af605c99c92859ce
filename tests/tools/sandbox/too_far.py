"""Programs that go beyond a limit, crash or lie about their results, and how each must end.

python -m tests.tools.sandbox.too_far namespaces|bubblewrap|process
"""

import asyncio
import json
import platform
import sys
from typing import Any, NamedTuple

from tools.sandbox.running import run_in
from tools.sandbox.values import MEGABYTE, Limits

LONG, SHORT = Limits(seconds=60), Limits(seconds=0.8)
AT_ONCE = 4
X86 = platform.machine() == "x86_64"


class TooFar(NamedTuple):
    code: str
    ends: set[str]
    limits: Limits = LONG


# What a program writes to descriptors it was not told of, as one that knows Galaxy's source would.
FORGED = """
import json, os, struct
def frame(kind, content): return struct.pack("!cI", kind, len(content)) + content
def send(data):
    for number in range(3, 64):
        try: os.write(number, data)
        except OSError: pass
"""

PROGRAMS: dict[str, TooFar] = {
    # time
    "busy": TooFar("while True: pass", {"timeout"}, SHORT),
    "asleep": TooFar("import time; time.sleep(60)", {"timeout"}, SHORT),
    "stopped": TooFar("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", {"timeout"}, SHORT),
    "deaf to signals": TooFar(
        "import signal\nfor each in range(1, 64):\n  try: signal.signal(each, signal.SIG_IGN)\n  except Exception: pass\n"
        "while True: pass",
        {"timeout"},
        SHORT,
    ),
    "a slow pattern": TooFar("import re; re.match('(a+)+$', 'a' * 40 + 'b')", {"timeout"}, SHORT),
    "a thread that does not end": TooFar(
        "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()", {"timeout"}, SHORT
    ),
    "a value that is never written out": TooFar(
        "class A:\n  def __repr__(self):\n    while True: pass\nA()", {"timeout"}, SHORT
    ),
    "silent and busy": TooFar("import os; os.closerange(0, 64)\nwhile True: pass", {"timeout"}, SHORT),
    "processor time": TooFar("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", {"timeout"}),
    # memory
    "a growing list": TooFar("kept = []\nwhile True: kept.append(bytearray(10_000_000))", {"memory"}),
    "one large object": TooFar("bytearray(3_000_000_000)", {"memory"}),
    "a long text": TooFar("'x' * 5_000_000_000", {"memory"}),
    "an array": TooFar("import numpy; numpy.ones((100_000, 100_000))", {"memory"}),
    "shared memory": TooFar("import mmap\nkept = [mmap.mmap(-1, 64_000_000) for _ in range(100)]", {"error", "memory"}),
    "a large value": TooFar("'x' * 300_000_000", {"ok", "memory"}),
    "endless recursion": TooFar(
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): return f()\nf()", {"killed", "memory", "error", "timeout"}, SHORT
    ),
    "many threads": TooFar(
        "import threading, time\nthreading.stack_size(65536)\n"
        "for _ in range(20_000): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        {"error"},
    ),
    # output
    "much output": TooFar("while True: print('x' * 1000)", {"output"}),
    "many errors": TooFar("import sys\nwhile True: sys.stderr.write('x' * 1000)", {"output"}),
    "output past Python": TooFar("import os\nwhile True: os.write(1, b'x' * 100_000)", {"output"}),
    # disk
    "a large file": TooFar(
        "with open('large', 'wb') as file:\n  while True: file.write(b'x' * 1_000_000)", {"error", "killed"}
    ),
    "many large files": TooFar(
        "for number in range(1000):\n  with open(f'{number}', 'wb') as file:\n"
        "    for _ in range(50): file.write(b'x' * 1_000_000)",
        {"error", "killed"},
    ),
    "many files": TooFar("for number in range(10**7): open(f'{number}', 'w').close()", {"error", "killed"}),
    "removed files": TooFar(
        "import os\nkept = []\nfor number in range(1000):\n  kept.append(open('file', 'wb')); os.unlink('file')\n"
        "  for _ in range(50): kept[-1].write(b'x' * 1_000_000)",
        {"error", "killed"},
    ),
    "deep folders": TooFar("import os\nwhile True: os.mkdir('d'); os.chdir('d')", {"error", "killed"}),
    # the end of the process
    "a crash": TooFar("import ctypes; ctypes.string_at(0)", {"killed"}),
    "an abort": TooFar("import os; os.abort()", {"killed"}),
    "no farewell": TooFar("import os; os._exit(0)", {"killed"}),
    "another program": TooFar("import os; os.execv('/bin/sh', ['sh', '-c', 'echo fired'])", {"error"}),
    "everything closed": TooFar("import os; os.closerange(0, 64)", {"killed"}),
    "a broken library": TooFar("import sys; sys.modules['inside.results'].encode = None", {"killed"}),
    # calls by other tables of numbers, which the filter must not take for others
    "numbers of x32": TooFar("import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39)", {"killed"} if X86 else {"ok"}),
    "numbers of i386": TooFar(
        "import ctypes, mmap\ncode = mmap.mmap(-1, 4096, prot=7)\ncode.write(bytes.fromhex('b814000000cd80c3'))\n"
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()",
        {"killed"},
    ),
    # lies
    "a flood of results": TooFar(FORGED + "while True: send(b'x' * 100_000)", {"output"}),
    "a length beyond all": TooFar(FORGED + "send(struct.pack('!cI', b'j', 2**32 - 1))\nos._exit(0)", {"killed"}),
    "a result of another form": TooFar(FORGED + "send(frame(b'j', b'[1, 2]'))\nos._exit(0)", {"killed"}),
    "a wall that fell": TooFar(FORGED + "send(frame(b'x', b'the walls fell'))\nos._exit(0)", {"killed"}),
    "a deep result": TooFar(FORGED + "send(frame(b'j', b'[' * 5_000_000))\nos._exit(0)", {"killed"}),
}
if not X86:
    del PROGRAMS["numbers of i386"]


async def endings(tier: Any) -> dict[str, list[str]]:
    """End of each program: the status, what it printed last, and its error."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def end_of(place: int, program: TooFar) -> list[str]:
        async with gate:
            outcome = await run_in(tier, place, program.code, {}, program.limits)
        assert len(outcome.stdout) + len(outcome.stderr) <= MEGABYTE
        return [outcome.status, outcome.stdout[-80:], outcome.error[-400:]]

    found = await asyncio.gather(*(end_of(place % 12, program) for place, program in enumerate(PROGRAMS.values())))
    return dict(zip(PROGRAMS, found, strict=True))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(endings(sys.argv[1]))))
