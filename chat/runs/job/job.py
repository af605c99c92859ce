"""One run in the hands of a runner: from its claim to its end."""

import asyncio
import logging
import time
from functools import partial
from typing import NamedTuple

import msgspec
from django.utils import timezone

from accounts.storage.connections import in_database
from chat import access, catalogue, events
from chat.catalogue import contexts
from chat.errors import ChatError
from chat.events import Failure
from chat.log.log_buffer import AnswerTooLong, RunLog
from chat.models import Run, RunStep
from chat.prompts import context
from chat.providers import parameters
from chat.providers.base import (
    HeldBack,
    ModelConfig,
    ProviderError,
    RateLimited,
    Refused,
    Request,
    ToolSpec,
    Turn,
    Unauthorised,
    Unreachable,
)
from chat.providers.given import Given
from chat.providers.parameters import Form
from chat.providers.reading.counting import BYTES_A_TOKEN
from chat.providers.setup_help import UNSET
from chat.runs import end_run, steps, usage
from chat.runs.end_run import INTERRUPTED, Ending
from chat.runs.job.asked import Asked
from chat.runs.job.members import Members
from chat.runs.loop import answer
from chat.runs.loop.bounds import Bounds, Limits
from chat.runs.loop.toolbox import Toolbox, Wait
from chat.runs.steps import ClaimLost, StoredSteps
from chat.runs.tool_calls.waits import Pause

logger = logging.getLogger(__name__)

NOTICE_SECONDS = 4.75
CLOCKS_DIFFER = 10.0  # s, those of the machines of web and runner, at most
# Providers bill nothing for a question that they did not accept.
TOOK_NOTHING = (Unreachable, Unauthorised, RateLimited, Refused, HeldBack)
REVOKED = Failure(
    "forbidden", "The answer was ended: you may no longer use this chat or this model. What was written so far is kept."
)


class Work(NamedTuple):
    """A claimed run with what is needed to answer it: the branch, finished steps, the next event's number, the tools."""

    run: Run
    branch: context.Branch
    done: list[RunStep]
    next_seq: int
    tools: tuple[ToolSpec, ...] = ()
    given: Given | None = None  # of a program, in place of the branch


class Job:
    """Makes the answer of one run. It can be cut short with a reason, which decides how the run ends."""

    def __init__(self, work: Work, run_log: RunLog, steps: StoredSteps, tools: Toolbox) -> None:
        self.run = work.run
        self.log = run_log
        self.log.on_lost = partial(self.cut, Run.Status.INTERRUPTED)
        self.steps = steps
        self.started = time.monotonic()
        self.over: asyncio.Event | None = None  # made by who waits until this process has let the run go
        self.tenant_id = work.run.conversation.tenant_id
        self._tools = tools
        self._branch = work.branch
        self._given = work.given
        self._done = work.done
        self._bounds = Bounds(run_log, Limits(*catalogue.bounds()))
        self._sent = -1  # tokens of the request; below 0 while no model was asked
        self._is_let_go = False
        self._cut: tuple[Run.Status, Failure] | None = None
        self._answering: asyncio.Task[Ending | Pause] | None = None

    @property
    def asked_at(self) -> float:
        """The moment at which the door checked the person's rights, by this process's `time.monotonic`."""
        asked = self.run.resumed_at or self.run.created_at
        return time.monotonic() - (timezone.now() - asked).total_seconds() - CLOCKS_DIFFER

    def cut(self, status: Run.Status, failure: Failure = INTERRUPTED) -> None:
        """End the answer now, as stopped or for a failure; the connection to the provider is closed at once."""
        self._cut = self._cut or (status, failure)
        if self._answering:
            self._answering.cancel()

    def let_go(self) -> None:
        """Leave the run to another process, where it only waits for tools that run elsewhere."""
        if self._answering and not self._cut and self._tools.is_elsewhere:
            self._is_let_go = True
            self._answering.cancel()

    async def answer(self) -> Ending | Pause:
        """Ask the model until it is done, fails, waits, or is cut short."""
        self._answering = asyncio.create_task(self._ask())
        if self._cut:
            self._answering.cancel()
        try:
            return await self._answering
        except asyncio.CancelledError:
            if self._cut:
                return self._cut_ending(*self._cut)
            if not self._is_let_go:
                raise
            return self._pause([])

    def look(self) -> None:
        """End the answer where it is beyond its bounds; say that the run is alive, where it has said nothing for a while."""
        if failure := self._bounds.passed():
            self.cut(Run.Status.FAILED, failure)
        if time.monotonic() - self.log.spoke_at >= NOTICE_SECONDS:
            self.log.tell(events.process("thinking", self._waiting_for, step=self.steps.number))

    @property
    def _waiting_for(self) -> str:
        if self.log.is_at_tools:
            return "Waiting for tools"
        return f"Waiting for {self.run.model} {'to go on' if self.log.has_said('text') else 'to answer'}"

    async def _ask(self) -> Ending | Pause:
        try:
            if self.run.resumed_at:
                await usage.reserve_again(self.run)
            request = await self._request()
            self._take(request.model)
            asked = Asked(Members(self.run, self.log, self._take), self._on_retry)
            self._sent = self.run.prompt_estimate if self._done else sum(turn.size for turn in request.turns) // BYTES_A_TOKEN
            finished = await answer.answer(asked, request, self.log, self._tools, self.steps)
        except answer.Paused as paused:
            return self._pause(paused.waits)
        except (ProviderError, ChatError) as error:
            if isinstance(error, TOOK_NOTHING) and not self.log.step_size:
                self._sent = 0
            return self._failed(error.as_failure())
        except catalogue.UnknownModel as error:
            return self._failed(Failure("unknown_model", str(error)))
        except ClaimLost:
            self.log.lose()
            return self.ending(Run.Status.INTERRUPTED, failure=INTERRUPTED)
        except AnswerTooLong:
            return self._failed(
                Failure("answer_too_long", "The answer grew beyond 4 MB and was ended. What was written so far is kept.")
            )
        return self.ending(Run.Status.COMPLETE, finished.reason, is_whole=True)

    def _pause(self, waits: list[Wait]) -> Pause:
        return Pause(waits, self.steps.took, usage.leg_of(self.run, self.steps.took), self.steps.number)

    def ending(self, status: Run.Status, reason: str = "", *, failure: Failure | None = None, is_whole: bool = False) -> Ending:
        """The ending of the run, with what it took."""
        begun = self._sent >= 0
        last = usage.took(self.run, self.log.usage, sent=max(self._sent, 0), wrote=self.log.step_size, is_whole=is_whole)
        total = steps.added(self.steps.took, last) if begun else self.steps.took
        made = [*self._branch.begun, *self.steps.parts, *self.log.parts()]
        models = end_run.models_of(self.run, self._done)
        call = usage.call_of(self.run, self.steps.number, last, failure.code if failure else reason, self.log.timing)
        leg = usage.leg_of(self.run, total)
        return Ending(self.run.answer_id, status, models, reason, total, failure, begun, leg, made, call if begun else None)

    async def _request(self) -> Request:
        # What began without a model stays without one: its rights and its budgets were never asked for.
        model = UNSET if self.run.provider == UNSET.provider else await catalogue.find(self.run.model, self.tenant_id)
        if model.is_alias and self._done:  # a member that has begun to answer goes on
            model = catalogue.among(model.members, self.run.answered_by)
        elif model.is_alias:  # of members that are not the person's nothing is told, not even a name
            model = await in_database(access.narrowed, self.run.person, model)
        branch = self._branch._replace(begun=[*self._branch.begun, *self.steps.parts])
        limits = catalogue.time_limits()
        settings = parameters.parse(self.run.parameters)
        tools = () if model.is_demonstration else self._tools.specs
        turns = await self._fitting(model, context.turns_for(branch), tools)
        form = self._given.form if self._given else Form()
        return Request(model, turns, settings, tools, form, self._given is not None, *limits)

    async def _fitting(self, model: ModelConfig, turns: list[Turn], tools: tuple[ToolSpec, ...]) -> list[Turn]:
        """Return the turns that fit into the model's window; the answer's readers are told if some are left out."""
        able = (await contexts.known([model]))[model.name].capabilities
        self._bounds.within(able.context_window)
        spared = len(msgspec.json.encode(tools)) // BYTES_A_TOKEN
        if self._given:  # a program's request is sent whole: it is answered, or the provider refuses it
            return turns
        kept, left_out = context.fitted(turns, able.context_window, spared=spared)
        if left_out:
            oldest = "oldest message was" if left_out == 1 else f"{left_out} oldest messages were"
            words = f"The chat is longer than {model.name} can read: its {oldest} left out"
            told = {"left_out": left_out, "context_window": able.context_window}
            self.log.tell(events.process("thinking", words, step=self.steps.number, metadata=told))
        return kept

    def _take(self, model: ModelConfig) -> None:
        """Note that this model is asked now."""
        self.steps.model = model

    def _on_retry(self, error: ProviderError, seconds: float) -> None:
        self.log.tell(events.process("thinking", f"{error} Trying again in {seconds:.0f} s", step=self.steps.number))

    def _failed(self, failure: Failure) -> Ending:
        self.log.tell(events.failed(failure, self.steps.number))
        return self.ending(Run.Status.FAILED, failure=failure)

    def _cut_ending(self, status: Run.Status, failure: Failure) -> Ending:
        if status == Run.Status.STOPPED:
            self.log.tell(events.ended("stopped", self.steps.number))
            return self.ending(status, "stopped")
        self.log.tell(events.failed(failure, self.steps.number))
        return self.ending(status, failure=failure)
