"""The scenarios, each on one target; every one gives plain figures."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any, Self

from bench import machine
from bench.machine import python
from bench.targets import Target

P99_LIMIT = 50.0
Figures = dict[str, Any]


def steady(target: Target, *, streams: int, rate: float, seconds: float, floods: int = 0, stalled: float = 0) -> Figures:
    """So many streams for so long: delays, and what each part of the server used per chunk, inside the window.

    The window begins when all of them run: what a beginning costs is measured by `one_by_one` and `ramp`.

    Beside them may be some that ask for 3 MB at once, and may read nothing of it for a while: of those nothing is measured.
    """
    settle = 2.0 + streams / 25
    begin = time.monotonic_ns() + int(settle * 1e9)
    window = (begin, begin + int(seconds * 1e9))
    arguments = ["--streams", str(streams), "--rate", str(rate), "--window", *map(str, window)]
    arguments += ["--floods", str(floods), "--stalled", str(stalled)]
    command = target.client(*arguments)
    before_memory = target.parts.memory()
    with _Sampler(target, window) as sampler:
        figures: Figures = machine.output(command, within=settle + seconds + 60)
    used = {name: sampler.cpu[1][name] - sampler.cpu[0][name] for name in sampler.cpu[0]}
    figures["cpu"] = {name: value * 1e6 / max(1, figures["chunks"]) for name, value in used.items()}
    figures["memory"] = sampler.memory
    figures["growth"] = {name: value - before_memory[name] for name, value in sampler.memory.items()}
    figures["foreign"] = sampler.foreign / seconds
    figures["expected"] = int(streams * rate * seconds)
    return figures


def decided(target: Target, *, times: int) -> Figures:
    """Answers that wait for a person: from the decision on another device to the result."""
    figures: Figures = machine.output(target.client("--decisions", str(times)), within=60)
    return figures


class _Sampler:
    """Reads processor time at both ends of the window, and the highest memory in it."""

    def __init__(self, target: Target, window: tuple[int, int]) -> None:
        self.target, self.window = target, window
        self.cpu: list[dict[str, float]] = []
        self.memory: dict[str, float] = {}
        self.foreign = 0.0
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        time.sleep(max(0.0, (self.window[0] - time.monotonic_ns()) / 1e9))
        self.cpu.append(self.target.parts.cpu())
        self.foreign = -machine.foreign()
        while time.monotonic_ns() < self.window[1]:
            now = self.target.parts.memory()
            self.memory = {name: max(value, self.memory.get(name, 0.0)) for name, value in now.items()}
            time.sleep(min(0.5, max(0.0, (self.window[1] - time.monotonic_ns()) / 1e9)))
        self.cpu.append(self.target.parts.cpu())
        self.foreign += machine.foreign()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def one_by_one(target: Target, *, each: int, tools: int = 0) -> Figures:
    """Short answers one after the other: the first token's added time, and what a whole request costs."""
    before = target.parts.cpu()
    figures: Figures = machine.output(target.client("--each", str(each), "--tools", str(tools)), within=60)
    after = target.parts.cpu()
    figures["cpu_ms"] = {name: (after[name] - before[name]) * 1e3 / each for name in after}
    return figures


def ramp(target: Target, *, rate: float, most: int) -> Figures:
    """More streams every second until the 99th percentile passes 50 ms twice; how many were held."""
    command = target.client("--ramp", f"{rate:g}", "--most", str(most))
    held, over, seconds = 0, 0, []
    with subprocess.Popen(command, cwd=machine.ROOT, env=machine.ENVIRONMENT, stdout=subprocess.PIPE) as people:
        for line in machine.lines(people.stdout or _nothing()):
            now = json.loads(line)
            if "streams" not in now:
                break
            seconds.append({"streams": now["streams"], "p99": now["p99"], "p50": now["p50"]})
            over = over + 1 if now["p99"] > P99_LIMIT else 0
            held = held if over else now["streams"]
            if over == 2:
                break
        people.kill()
    return {"held": held, "reached_the_end": over < 2, "seconds": seconds}


def _nothing() -> Any:
    raise SystemExit("The client has no output.")


def blocked(target: Target, measure: Callable[[], Figures], *, seconds: float) -> Figures:
    """A measurement while one query a second of a page takes 200 ms."""
    arguments = [str(target.port), str(target.cookies), str(seconds)]
    with machine.running(python("-m", "bench.blocker", *arguments), environment=target.environment or {}):
        time.sleep(2)
        return measure()
