"""Hearing a model out once: its words and thoughts go to the sink, its calls of tools are put together. Pure of rows."""

from contextlib import aclosing
from typing import Literal

from chat.events import Usage
from chat.providers.base import (
    Broken,
    CallsInText,
    Counted,
    Finished,
    Provider,
    ProviderEvent,
    ReasoningData,
    ReasoningDelta,
    Refused,
    Request,
    TextDelta,
    ToolCallDelta,
)
from chat.providers.reading.thoughts import Thoughts
from chat.providers.reading.written_call import WrittenCall
from chat.providers.reading.written_calls import WrittenCalls
from chat.runs.loop.calls import Calls
from chat.runs.loop.repair import meant
from chat.runs.loop.sink import Sink
from chat.runs.loop.toolbox import Toolbox

CALLED = {"stop", "tool_calls"}  # after any other end, the calls may be cut and are not made


async def heard(provider: Provider, request: Request, sink: Sink, tools: Toolbox) -> tuple[Finished, Calls]:
    """Ask once, and pass on what the model says; gives its end and its calls. Raises ProviderError."""
    hearing = _Hearing(request, sink, tools)
    sink.ask()
    try:
        async with aclosing(provider.stream(request)) as stream:
            async for event in stream:
                hearing.take(event)
                if hearing.is_over:
                    break
                await sink.room()
    finally:
        hearing.end()
    finished = hearing.finished
    if finished is None:
        raise Broken(f"{request.model.name} stopped in the middle of its answer.")
    sink.counted(finished.usage)
    return finished, hearing.calls if finished.reason in CALLED else Calls()


class _Hearing:
    """One request's answer, as far as it was heard."""

    def __init__(self, request: Request, sink: Sink, tools: Toolbox) -> None:
        self.calls = Calls({tool.name for tool in request.tools})
        self.finished: Finished | None = None
        self._request, self._sink, self._tools = request, sink, tools
        self._usage = Usage()
        self._text: _TextWithCalls | None = None
        self._thoughts = Thoughts(sink)

    @property
    def is_over(self) -> bool:
        """True if the model has made its calls, and would go on with results of its own."""
        return self._text is not None and self._text.is_over and self.finished is not None

    def take(self, event: ProviderEvent) -> None:
        """The next event."""
        match event:
            case TextDelta(text) if self._thoughts.is_idle and "<" not in text:
                self._say(text)
            case TextDelta(text):
                self._thoughts.take(text)
            case ReasoningDelta(text):
                self._sink.say("reasoning", text)
            case ReasoningData(data, redacted):
                self._sink.keep(data, redacted=redacted)
            case ToolCallDelta():
                self._call(event)
            case CallsInText():
                self._text = _TextWithCalls(self._request, self._sink, self.calls)
                self._thoughts = Thoughts(self._text)
            case Counted(usage):
                self._usage = usage
                self._sink.counted(usage)
            case Finished():
                self.finished = event
        if self._text and self._text.is_over and self.finished is None:
            self.finished = Finished("tool_calls", self._usage)

    def end(self) -> None:
        """Nothing more comes."""
        self._thoughts.end()
        if self._text:
            self._text.end()

    def _say(self, text: str) -> None:
        (self._text or self._sink).say("text", text)

    def _call(self, delta: ToolCallDelta) -> None:
        if self._tools.is_empty:
            raise Broken(f"{self._request.model.name} called a tool, but it was given none.")
        self.calls.take(delta)
        self._sink.calls()
        if self.calls.is_flood:
            raise Refused(f"{self._request.model.name} called tools without end and was ended.")


class _TextWithCalls:
    """Takes the calls out of a text, and passes on the rest of it, and the thoughts beside it."""

    def __init__(self, request: Request, sink: Sink, calls: Calls) -> None:
        self._request, self._sink, self._calls = request, sink, calls
        self._all: list[str] = []
        self._reading = self._anew()

    def _anew(self) -> WrittenCalls:
        specs = self._request.tools
        return WrittenCalls(self, lambda name: meant(name, specs) is not None)

    @property
    def is_over(self) -> bool:
        """See `WrittenCalls`."""
        return self._reading.is_over

    def say(self, kind: Literal["text", "reasoning"], data: str) -> None:
        """See `thoughts.Saying`."""
        if kind == "reasoning":
            self._sink.say(kind, data)
        else:
            self._all.append(data)
            self._reading.take(data)

    def said(self, kind: Literal["text", "reasoning"]) -> str:
        """See `thoughts.Saying`. A call, too, was said."""
        return "".join(self._all) if kind == "text" else self._sink.said(kind)

    def rethink(self) -> None:
        """See `thoughts.Saying`. Calls that a model only thought of are not made."""
        held, self._reading = self._reading.held, self._anew()
        self._calls.clear()
        self._all.clear()
        if self._sink.said("text"):
            self._sink.rethink()
        if held:
            self._sink.say("reasoning", held)

    def end(self) -> None:
        """The text is over."""
        self._reading.end()

    def let(self, text: str) -> None:
        """See `written_calls.Listener`."""
        self._sink.say("text", text)

    def call(self, made: WrittenCall) -> None:
        """See `written_calls.Listener`."""
        delta = ToolCallDelta(len(self._calls), None, made.name, made.arguments, mended=made.mended)
        self._calls.take(delta)
