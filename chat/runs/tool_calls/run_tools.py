"""The tools of one run: which it has, and the running of its model's calls through `tools.calls`."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec

from accounts.models import User
from accounts.storage.connections import in_database
from chat import events
from chat.log.log_buffer import RunLog
from chat.models import Run
from chat.parts import AnyPart, Artifact, ToolCall, ToolResult, UIBlock
from chat.providers.base import ToolSpec
from chat.runs.loop.repair import NotUsable, Repaired, repaired
from chat.runs.loop.toolbox import Wait
from chat.runs.tool_calls import waits
from tools import access, calls
from tools.calling import output, rows, search
from tools.calls import Caller, Decided, Result
from tools.errors import CallRefused, NeedsApproval
from tools.models import ToolCall as Row
from tools.specs import Progress, Risk

MOST_AT_ONCE = 8
MOST_TOLD = 30  # tools that a model is told of
FINDER = "search_tools"
MOST_SHOWN = 2_000  # characters of a result in an event
MOST_ARGUMENTS_SHOWN = 4_000
PROGRESS_EVERY = 0.25  # seconds
DO_NOT_RETRY = "The user declined this call. Do not call it again unless they ask for it."
NO_ONE_TO_ASK = (
    "Nothing has run: a person must allow this call, and no one can be asked here. Say so, and do not call it again."
)
NOT_DECIDED = "No one decided about this call in time; it was not run."


def tools_of(run: Run, question: str) -> tuple[ToolSpec, ...]:
    """The tools that a run's model is told of: those its person may use when it begins, and the same until its end.

    Of many, those that fit the question, and the tool that finds the others.
    """
    names = _fitting(_offered(run), question) if run.tools is None else run.tools
    return tuple(_told(names))


def _told(names: Iterable[str]) -> Iterator[ToolSpec]:
    for name in names:
        if spec := access.described(name):
            first = next(iter(spec.examples), None)
            example = (first.question, first.arguments) if first else None
            yield ToolSpec(spec.name, spec.description, spec.input_schema, example)


def _fitting(names: list[str], question: str) -> list[str]:
    if len(names) <= MOST_TOLD or FINDER not in names:
        return names
    known = [spec for name in names if (spec := access.described(name))]
    fit = {spec.name for spec in search.best(known, question, MOST_TOLD - 1)} | {FINDER}
    return [name for name in names if name in fit]


def _offered(run: Run) -> list[str]:
    chosen = run.conversation.tools
    return [tool.spec.name for tool in access.tools_for(run.person) if chosen is None or tool.spec.name in chosen]


class RunTools:
    """See `chat.runs.loop.toolbox.Toolbox`."""

    def __init__(self, run: Run, specs: tuple[ToolSpec, ...], log: RunLog) -> None:
        self.specs = specs
        self._known: Sequence[ToolSpec] = specs  # with those that the model may have found since
        self._run, self._log = run, log
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._here = self._elsewhere = 0  # calls under way in this process, and in workers

    @property
    def is_empty(self) -> bool:
        """True if a call can only be a mistake."""
        return not self.specs

    @property
    def is_elsewhere(self) -> bool:
        """See `chat.runs.loop.toolbox.Toolbox`."""
        return bool(self._elsewhere) and not self._here

    @property
    def _reads_on(self) -> bool:
        """True if the model can read on in a result that is cut."""
        return any(spec.name == output.READER for spec in self._known)

    async def run(self, wanted: Sequence[ToolCall]) -> list[AnyPart | Wait]:
        """Run the calls at once, each one once; what came of them is in their order."""
        person, decided, known, chosen = await in_database(_state_of, self._run, [call.call for call in wanted])
        if new := [call for call in wanted if call.call not in decided and call.call not in known]:
            self._select(new)
        if any(spec.name == FINDER for spec in self.specs):
            offered = _told(await in_database(_offered, self._run))
            self._known = list({spec.name: spec for spec in (*self.specs, *offered)}.values())
        caller = self._caller(person, chosen)
        came = await asyncio.gather(*(self._one(call, caller, decided.get(call.call), known.get(call.call)) for call in wanted))
        parts = [part for parts in came for part in parts]
        if any(isinstance(part, Wait) for part in parts):
            await calls.flush()  # what is over is not run again when the others are decided
        return parts

    def _caller(self, person: User, chosen: list[str] | None) -> Caller:
        run = self._run
        theirs = None if chosen is None else frozenset(chosen)
        made_for = Caller(person=person, via="model", token_id=run.token, model=run.answerer, chosen=theirs)
        return msgspec.structs.replace(made_for, conversation_id=run.conversation_id, run_id=run.pk)

    async def _one(
        self, call: ToolCall, caller: Caller, decided: dict[str, Any] | None, row: Row | None
    ) -> list[AnyPart | Wait]:
        try:
            made = repaired(call, self._known)
            if row and (over := await self._over(call, row, caller)):
                return self._told(call, over)
            with self._counted(made.name):
                async with self._places:
                    return await self._called(call, made, caller, decided)
        except NeedsApproval as error:
            if self._run.conversation.is_transient:
                return [await self._denied(call, caller)]
            self._show(call, "waiting", error.reason)
            return [self._wait(call, made, error)]
        except (CallRefused, NotUsable) as error:
            self._show(call, "failed", str(error), text=str(error))
            return [ToolResult(call.call, "failed", str(error), step=call.step)]

    async def _denied(self, call: ToolCall, caller: Caller) -> ToolResult:
        """Return the result of a call that needs a person's decision, in a run that no page shows."""
        await calls.call(caller, call.name, {}, call_id=call.call, decided=Decided("deny", words=NO_ONE_TO_ASK))
        self._show(call, "denied", f"{call.name}: denied", text=NO_ONE_TO_ASK)
        return ToolResult(call.call, "denied", NO_ONE_TO_ASK, step=call.step)

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        """Within, a call of this tool is under way."""
        spec = access.described(name)
        long = 1 if spec and spec.is_long else 0
        self._elsewhere, self._here = self._elsewhere + long, self._here + 1 - long
        try:
            yield
        finally:
            self._elsewhere, self._here = self._elsewhere - long, self._here - 1 + long

    async def _over(self, call: ToolCall, row: Row, caller: Caller) -> Result | None:
        """The result of a call that was made before a runner was lost; unknown where it changes something and did not end.

        A worker's call went on meanwhile, and is waited for.
        """
        if calls.is_elsewhere(row):
            with self._counted(row.tool):
                self._show(call, "running", f"Waiting for {row.tool}")
                return await calls.join(msgspec.structs.replace(caller, progress=self._progress(call)), row.pk)
        if row.state in (Row.State.WAITING, Row.State.READY):
            return None
        if row.state == Row.State.RUNNING:
            await in_database(rows.give_up, row.pk)
            row.state, row.result = Row.State.UNKNOWN, {"text": output.UNKNOWN}
        return calls.result_of(row)

    async def _called(
        self, call: ToolCall, made: Repaired, caller: Caller, decided: dict[str, Any] | None
    ) -> list[AnyPart | Wait]:
        self._show(call, "running", f"Running {made.name}")
        caller = msgspec.structs.replace(caller, progress=self._progress(call))
        edited = decided and decided.get("arguments")
        arguments = edited or made.arguments
        sent = call.arguments if made.notes or edited else ""
        result = await calls.call(caller, made.name, arguments, call_id=call.call, decided=_decided(decided), sent=sent)
        return self._told(call, result, edited=edited)

    def _told(self, call: ToolCall, result: Result, edited: dict[str, Any] | None = None) -> list[AnyPart | Wait]:
        """The parts of a result, and their events."""
        read, cut = output.for_model(result.kept.text, call.call if self._reads_on else "")
        text = _words(result, read, edited)
        self._show(call, result.outcome, _ended(call, result), text=text[:MOST_SHOWN], seconds=round(result.seconds, 3))
        parts: list[AnyPart | Wait] = [
            ToolResult(call.call, result.outcome, text, cut or result.kept.truncated, round(result.seconds, 3), step=call.step)
        ]
        for number, block in enumerate(result.kept.blocks):
            component = f"{call.call}-{number}"
            self._log.show({"component_id": component, "call_id": call.call, "block": block})
            parts.append(UIBlock(component, block, step=call.step))
        for made in result.kept.artifacts:
            told = made | {"call_id": call.call}
            self._log.tell(events.process("artifact_creation", f"Created {made['name']}", step=call.step, metadata=told))
            parts.append(Artifact(made["artifact_id"], made["version"], made["name"], step=call.step))
        return parts

    @staticmethod
    def _wait(call: ToolCall, made: Repaired, asked: NeedsApproval) -> Wait:
        spec = access.described(made.name)
        title, is_critical = (spec.title, spec.risk is Risk.CRITICAL) if spec else (made.name, True)
        return Wait(call.call, made.name, json.dumps(made.arguments), asked.reason, title, not is_critical, asked.by_another)

    def named(self, wanted: Sequence[ToolCall]) -> list[ToolCall]:
        """See `Toolbox`."""
        return [self._named(call) for call in wanted]

    def _named(self, call: ToolCall) -> ToolCall:
        try:
            made = repaired(call, self._known)
        except NotUsable:
            return call
        spec = access.described(made.name)
        return msgspec.structs.replace(call, title=spec.title if spec else "", repaired=(*call.repaired, *made.notes))

    async def hand_over(self, made: Sequence[AnyPart]) -> bool:  # noqa: ARG002
        """See `Toolbox`. All of these tools run here."""
        return False

    def _select(self, wanted: Sequence[ToolCall]) -> None:
        what = wanted[0].name if len(wanted) == 1 else f"{len(wanted)} tools"
        told = [self._selected(call) for call in wanted]
        self._log.tell(events.process("tool_selection", f"Calling {what}", step=wanted[0].step, metadata={"calls": told}))

    def _selected(self, call: ToolCall) -> dict[str, Any]:
        spec = access.described(call.name)
        told = {
            "call_id": call.call,
            "tool": call.name,
            "title": call.title or call.name,
            "risk": spec.risk if spec else "read",
        }
        told |= {"arguments": call.arguments[:MOST_ARGUMENTS_SHOWN]}
        return told | ({"repaired": list(call.repaired)} if call.repaired else {})

    def _show(self, call: ToolCall, state: str, words: str, *, progress: float | None = None, **more: Any) -> None:
        told = {"call_id": call.call, "tool": call.name, "state": state, **more}
        self._log.tell(events.process("tool_execution", words, step=call.step, progress=progress, metadata=told))

    def _progress(self, call: ToolCall) -> Progress:
        """Tell of progress four times a second at most."""
        told_at = 0.0

        def tell(fraction: float | None, words: str) -> None:
            nonlocal told_at
            now = asyncio.get_running_loop().time()
            if now - told_at >= PROGRESS_EVERY:
                told_at = now
                self._show(call, "running", words[:200], progress=None if fraction is None else min(1.0, max(0.0, fraction)))

        return tell


def _state_of(run: Run, call_ids: list[str]) -> tuple[User, dict[str, dict[str, Any]], dict[str, Row], list[str] | None]:
    """The person as they are now, the decisions about these calls, those that have a row, and the chosen tools."""
    person = User.objects.get(pk=run.person_id)
    decided, known = waits.decisions(run.answer_id, call_ids), rows.of_calls(call_ids, run.conversation_id)
    return person, decided, known, run.conversation.tools


def _decided(found: dict[str, Any] | None) -> Decided | None:
    if found is None:
        return None
    by = found.get("by")
    return Decided(found["decision"], UUID(by) if by else None, bool(found.get("everywhere")), str(found.get("words", "")))


def _words(result: Result, text: str, edited: dict[str, Any] | None) -> str:
    """The result in the words that the model reads; `text` is what it reads of the tool's own."""
    has_words = bool(result.kept.text.strip())
    if result.outcome == "denied":
        return f"{DO_NOT_RETRY} Their words: {text}" if has_words else DO_NOT_RETRY
    if result.outcome == "expired":
        return NOT_DECIDED
    if result.outcome == "unknown":
        return text if has_words else output.UNKNOWN
    return f"The user changed the arguments to {json.dumps(edited)}.\n{text}" if edited else text


def _ended(call: ToolCall, result: Result) -> str:
    ends = {"succeeded": "done", "unknown": "it is not known whether it happened", "cancelled": "was stopped"}
    return f"{call.name}: {ends.get(result.outcome, result.outcome)}"
