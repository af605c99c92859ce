"""The people of the benchmark, in a process of their own: they ask, read, acknowledge like our page, and keep every delay.

Prints one JSON object; with `--ramp`, one a second until it is killed.
"""

import argparse
import asyncio
import json
import time
from array import array
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

from bench import wire
from bench.websocket import Socket, connect

ACK_EVERY = 32
QUIET_WITHIN = 15.0


class Stream:
    """One answer being read."""

    def __init__(self, people: "People", number: int) -> None:
        self.people, self.number = people, number
        self.run = b""
        self.sent = self.accepted = self.decided = self.result = self.asked = self.first = 0
        self.got = 0
        self.counted = True
        self.newest = b""
        self.unacknowledged = 0
        self.ended = asyncio.get_running_loop().create_future()
        self.asking: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_text(self, socket: Socket, frame: bytes, now: int) -> None:
        """A frame came."""
        people = self.people
        stamps = wire.STAMP.findall(frame)
        if self.counted:
            for stamp in stamps:
                people.note(int(stamp), now)
        self.got += len(stamps)
        if b'"tool_execution"' in frame and b'"succeeded"' in frame:
            self.result = now
            if self.decided:
                people.after_decisions.append(now - self.decided)
        if b'"status":"approval"' in frame:
            self.asking.set_result(wire.CALL.findall(frame)[0].decode())
        if stamps and not self.first:
            self.first = now
            self.asked = int((wire.ASKED.search(frame) or [b"", b"0"])[1])
            people.first_token(self, int(stamps[0]))
        if b'"accepted"' in frame and not self.accepted:
            self.accepted = now
            self.run = str(json.loads(frame).get("run_id", "")).encode()
        self.unacknowledged += 1
        self.newest = frame
        ending = b'"status":"complete"' in frame or b'"status":"error"' in frame
        if self.unacknowledged >= ACK_EVERY or ending:
            self.acknowledge(socket)
        if ending and not self.ended.done():
            self.ended.set_result(b'"status":"complete"' in frame)

    def acknowledge(self, socket: Socket) -> None:
        """Tells the server what has been read, if anything."""
        seqs = wire.FIRST.findall(self.newest) if self.unacknowledged else []
        self.unacknowledged = 0
        if self.run and seqs:
            socket.send(b'{"action":"ack","payload":{"run_id":"%b","seq":%b}}' % (self.run, seqs[-1]))

    async def acknowledge_every_second(self, socket: Socket) -> None:
        """As our page does: few large frames are acknowledged too."""
        while not self.ended.done() and not socket.closed:
            await asyncio.sleep(1)
            self.acknowledge(socket)


class People:
    """All streams and what was measured on them."""

    def __init__(self, port: int, cookies: list[str], window: tuple[int, int]) -> None:
        self.port, self.window = port, window
        self.cookies = cycle(cookies or [""])
        self.delays = array("q")
        self.last_arrival = self.longest_gap = 0
        self.firsts: list[tuple[int, int, int]] = []
        self.after_results: list[int] = []
        self.after_decisions: list[int] = []
        self.streams: list[Stream] = []
        self.failures: list[str] = []
        self.acknowledging: list[asyncio.Task[None]] = []

    def note(self, stamp: int, now: int) -> None:
        """A token written at `stamp` is here."""
        if self.window[0] <= stamp < self.window[1]:
            self.delays.append(now - stamp)
            if self.last_arrival:
                self.longest_gap = max(self.longest_gap, now - self.last_arrival)
            self.last_arrival = now

    def first_token(self, stream: Stream, stamp: int) -> None:
        """Added time: the whole wait less what the upstream itself took; from `accepted`, from sending, and to the upstream."""
        own = stamp - stream.asked
        accepted = stream.accepted or stream.sent
        if stream.result:
            self.after_results.append(stream.first - stream.result - own)
        self.firsts.append((stream.first - accepted - own, stream.first - stream.sent - own, stream.asked - stream.sent))

    async def ask(self, text: str, *, counted: bool = True, stalled: float = 0.0) -> Stream:
        """Opens a socket and asks; with `stalled`, reads nothing for so many seconds after the first frames."""
        stream = Stream(self, len(self.streams))
        stream.counted = counted
        self.streams.append(stream)
        socket = await connect(self.port, "/ws/chat", next(self.cookies), stream.on_text)
        self.acknowledging.append(asyncio.create_task(stream.acknowledge_every_second(socket)))
        stream.sent = time.monotonic_ns()
        asked = {"action": "chat", "request_id": f"{stream.sent}-{stream.number}", "payload": {"text": text}}
        socket.send(json.dumps(asked).encode())
        if stalled:
            await asyncio.sleep(0.5)
            socket.transport.pause_reading()
            await asyncio.sleep(stalled)
            socket.transport.resume_reading()
        return stream

    async def try_to_ask(self, text: str) -> None:
        """Asks; a refused connection is counted."""
        try:
            await self.ask(text)
        except OSError as error:
            self.failures.append(str(error))

    def figures(self) -> dict[str, Any]:
        """Results of the measurement, in milliseconds."""
        delays, firsts = sorted(self.delays), self.firsts
        return {
            "chunks": len(delays),
            "p50": part(delays, 0.5),
            "p99": part(delays, 0.99),
            "max": part(delays, 1.0),
            "gap": self.longest_gap / 1e6,
            "first_after_accepted": part(sorted(first[0] for first in firsts), 0.5),
            "first_after_sent": part(sorted(first[1] for first in firsts), 0.5),
            "first_after_sent_p99": part(sorted(first[1] for first in firsts), 0.99),
            "first_after_result": part(sorted(self.after_results), 0.5),
            "result_after_decision": part(sorted(self.after_decisions), 0.5),
            "to_upstream": part(sorted(first[2] for first in firsts), 0.5),
            "failures": len(self.failures),
            "unfinished": sum(not (stream.ended.done() and stream.ended.result()) for stream in self.streams),
        }


def part(values: Any, share: float) -> float:
    """The value below which this share of the sorted values lies, in milliseconds."""
    return values[min(len(values) - 1, int(len(values) * share))] / 1e6 if values else 0.0


async def steady(people: People, chosen: argparse.Namespace) -> None:
    """So many streams at a steady rate until the window is over."""
    for _ in range(chosen.streams):
        left = (people.window[1] - time.monotonic_ns()) / 1e9
        await people.try_to_ask(wire.question(tokens=int((left + 0.2) * chosen.rate), rate=chosen.rate))
        await asyncio.sleep(min(0.02, 2.0 / chosen.streams))
    if chosen.floods:
        flood = wire.question(tokens=3000, rate=0, pad=1000)
        await asyncio.sleep(max(0.0, (people.window[0] - time.monotonic_ns()) / 1e9))
        # Of these, only what they do to the others is of interest.
        await asyncio.gather(*(people.ask(flood, counted=False, stalled=chosen.stalled) for _ in range(chosen.floods)))
    await asyncio.sleep(max(0.0, (people.window[1] - time.monotonic_ns()) / 1e9))
    # The next scenario wants a quiet server.
    await asyncio.wait([stream.ended for stream in people.streams], timeout=QUIET_WITHIN)


async def one_by_one(people: People, chosen: argparse.Namespace) -> None:
    """Short answers one after the other: what a first token costs on a quiet machine."""
    for _ in range(chosen.each):
        stream = await people.ask(wire.question(tokens=2, rate=0, tools=chosen.tools))
        await asyncio.wait_for(stream.ended, 10)


async def decisions(people: People, chosen: argparse.Namespace) -> None:
    """Answers that wait for their person, who decides on another device: what lies between the decision and the result."""
    for number in range(chosen.decisions):
        people.cookies = cycle([next(people.cookies)])  # of one person
        stream = await people.ask(wire.question(tokens=2, rate=0, asks=1))
        call = await asyncio.wait_for(stream.asking, 10)
        device = await connect(people.port, "/ws/chat", next(people.cookies), lambda *_: None)
        await asyncio.sleep(0.3)  # until the run is parked
        stream.decided = time.monotonic_ns()
        asked = {"action": "approve", "request_id": f"d-{number}", "payload": {"call_id": call, "decision": "once"}}
        device.send(json.dumps(asked).encode())
        await asyncio.wait_for(stream.ended, 10)
        device.transport.close()


async def ramp(people: People, chosen: argparse.Namespace) -> None:
    """More and more streams; tells every second how the last second was."""
    text = wire.question(tokens=100_000, rate=chosen.rate)
    people.window = (0, 1 << 62)
    began = time.monotonic()
    told = began
    while len(people.streams) < chosen.most:
        await people.try_to_ask(text)
        behind = began + len(people.streams) / chosen.ramp - time.monotonic()
        await asyncio.sleep(max(0.0, behind))
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            print(json.dumps({"streams": len(people.streams), **people.figures()}), flush=True)
            people.delays = array("q")


async def main() -> None:
    """One scenario."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cookies", type=Path)
    parser.add_argument("--streams", type=int, default=30)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--window", type=int, nargs=2, default=(0, 1 << 62))
    parser.add_argument("--floods", type=int, default=0, help="how many more ask for 3 MB as fast as it comes")
    parser.add_argument("--stalled", type=float, default=0, help="for how many seconds those read nothing")
    parser.add_argument("--each", type=int, default=0)
    parser.add_argument("--tools", type=int, default=0, help="how many calls of a tool come before each of them")
    parser.add_argument("--decisions", type=int, default=0)
    parser.add_argument("--ramp", type=float, default=0)
    parser.add_argument("--most", type=int, default=900)
    chosen = parser.parse_args()
    cookies = json.loads(chosen.cookies.read_text()) if chosen.cookies else []
    people = People(chosen.port, cookies, tuple(chosen.window))
    scenario = ramp if chosen.ramp else one_by_one if chosen.each else decisions if chosen.decisions else steady
    await scenario(people, chosen)
    print(json.dumps(people.figures()), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
