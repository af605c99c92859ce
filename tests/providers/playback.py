"""Plays one scripted answer on a connection: one unbatched write a token, at the asked pace, with the asked fault."""

import asyncio
import json
import re
import time
from collections.abc import Iterator

from aiohttp import web

from tests.providers import plain, samples
from tests.providers.calls import Call
from tests.providers.directive import Directive, Fault
from tests.providers.wires import OpenAI, Wire

LONG_LINE = b"x" * 65536
LONGEST_LINE = 8 * 1024 * 1024
FOREVER = 3600.0
CALLED = re.compile(r'"tool_calls"|"tool_use"|"functionCall"|"function_call"|<tool_call>')


class _HungUpError(Exception):
    """The stand-in closed the connection on purpose."""


class Playback:
    """One answer on its way out."""

    def __init__(self, request: web.Request, wire: Wire, directive: Directive, fault: Fault, call: Call) -> None:
        self.request, self.wire, self.directive, self.fault, self.call = request, wire, directive, fault, call
        self.response = web.StreamResponse(headers={"Content-Type": wire.content_type, "Cache-Control": "no-cache"})

    async def play(self) -> web.StreamResponse:
        """Sends everything and notes how it ended."""
        try:
            await self.response.prepare(self.request)
            await self._play()
        except _HungUpError:
            self.call.end("fault")
        except (asyncio.CancelledError, ConnectionError):
            self.call.end("client_closed")
            raise
        else:
            self.call.end("fault" if self.fault.kind == "end" else "complete")
        return self.response

    async def _play(self) -> None:
        await self._write(self.wire.start())
        await asyncio.sleep(self.directive.delay)
        due = time.monotonic()
        for number, piece in enumerate(self._pieces()):
            if self.fault.kind and number == self.fault.at and await self._go_wrong():
                return
            await self._write(piece)
            self.call.tokens += 1
            self.call.first_token = self.call.first_token or time.monotonic_ns()
            if self.directive.rate:
                due += 1 / self.directive.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        await self._finish()

    async def _finish(self) -> None:
        directive = self.directive
        reason = "tool_calls" if self._calls and not plain.takes_no_tools(self.call.model) else directive.finish
        await self._write(self.wire.finish(reason, (12, self.call.tokens) if directive.usage else None))
        if self.fault.kind == "done2":
            await self._write(OpenAI.done)

    def _pieces(self) -> Iterator[bytes]:
        directive = self.directive
        for piece in samples.thoughts(directive.reasoning):
            yield self.wire.reasoning(piece)
        for piece in self._words():
            yield self.wire.text(f" @{time.monotonic_ns()}{piece}" if directive.stamp else piece)
        if plain.takes_no_tools(self.call.model):
            yield from map(self.wire.text, plain.written(self._calls, directive.form))
            return
        for number, (name, arguments) in enumerate(self._calls):
            yield from self.wire.tool(name, arguments, number)

    @property
    def _calls(self) -> list[tuple[str, str]]:
        """The calls of this step of the script; after the last step's results the answer is made of words."""
        turns = [json.dumps(turn) for turn in self.call.body.get("messages") or self.call.body.get("contents") or []]
        asked = max((number for number, turn in enumerate(turns) if "[[" in turn), default=0)
        done = sum(bool(CALLED.search(turn)) for turn in turns[asked + 1 :])
        steps = self.directive.steps
        return steps[done] if done < len(steps) else []

    def _words(self) -> list[str]:
        directive = self.directive
        if self._calls and not directive.tokens:
            return []
        if directive.text:
            return samples.pieces(directive.text)
        return samples.answer(self.call.question, directive.tokens, directive.sample)

    async def _go_wrong(self) -> bool:
        """Does the fault; whether the answer ends with it."""
        kind = self.fault.kind
        if kind == "pause":
            await asyncio.sleep(0.3)
        elif kind == "stall":
            await asyncio.sleep(FOREVER)
        elif kind == "cut":
            self._hang_up()
        elif kind == "garbage":
            await self._write(b'data: {"choices": [{"delta": {"con\n\n')
        elif kind == "utf8":
            await self._write(self.wire.text("é").replace("é".encode(), b"\xc3"))
        elif kind == "halves":
            for half in (b"\\ud83c", b"\\udf0d"):
                await self._write(self.wire.text("é").replace("é".encode(), half))
        elif kind == "error":
            await self._write(self.wire.error())
        elif kind == "endless":
            await self._write_endlessly()
        return kind in {"end", "error"}

    async def _write_endlessly(self) -> None:
        await self._write(b'data: {"choices":[{"delta":{"content":"')
        for _ in range(LONGEST_LINE // len(LONG_LINE)):
            await self._write(LONG_LINE)
        self._hang_up()

    def _hang_up(self) -> None:
        if self.request.transport:
            self.request.transport.close()
        raise _HungUpError

    async def _write(self, data: bytes) -> None:
        if self.fault.kind != "split":
            if data:
                await self.response.write(data)
            return
        for index in range(len(data)):
            await self.response.write(data[index : index + 1])
            await asyncio.sleep(0)
