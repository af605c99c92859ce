"""One run in the hands of a runner: from its claim to its end."""

import asyncio
import logging
import time
from functools import partial
from typing import NamedTuple

from chat import catalogue, context, parameters
from chat.events import Failure
from chat.log.log_buffer import AnswerTooLong, RunLog
from chat.models import Run
from chat.providers.base import ProviderError, RateLimited, Refused, Request, Unauthorised, Unreachable
from chat.providers.retrying import RetryingProvider
from chat.providers.routing import provider_for
from chat.providers.setup_help import UNSET
from chat.runs import loop, usage
from chat.runs.bounds import Bounds, Limits
from chat.runs.end_run import INTERRUPTED, Ending

logger = logging.getLogger(__name__)

NOTICE_SECONDS = 4.75
# Providers bill nothing for a question that they did not take.
TOOK_NOTHING = (Unreachable, Unauthorised, RateLimited, Refused)
REVOKED = Failure(
    "forbidden", "The answer was ended: you may not use this chat or this model any more. What came so far is kept."
)


class Work(NamedTuple):
    """A claimed run with what is needed to answer it."""

    run: Run
    branch: context.Branch


class Job:
    """Makes the answer of one run. It can be cut short with a reason, which decides how the run ends."""

    def __init__(self, work: Work, run_log: RunLog) -> None:
        self.run = work.run
        self.log = run_log
        self.log.on_lost = partial(self.cut, Run.Status.INTERRUPTED)
        self.started = time.monotonic()
        self.tenant_id = work.run.conversation.tenant_id
        self._branch = work.branch
        self._bounds = Bounds(run_log, Limits(*catalogue.bounds()))
        self._sent = -1  # tokens of the request; below 0 while no model was asked
        self._cut: tuple[Run.Status, Failure] | None = None
        self._answering: asyncio.Task[Ending] | None = None

    def cut(self, status: Run.Status, failure: Failure = INTERRUPTED) -> None:
        """End the answer now, as stopped or for a failure; the connection to the provider is closed at once."""
        self._cut = self._cut or (status, failure)
        if self._answering:
            self._answering.cancel()

    async def answer(self) -> Ending:
        """Ask the model until it is done, fails, or is cut short."""
        self._answering = asyncio.create_task(self._ask())
        if self._cut:
            self._answering.cancel()
        try:
            return await self._answering
        except asyncio.CancelledError:
            if self._cut is None:
                raise
            return self._cut_ending(*self._cut)

    def look(self) -> None:
        """End the answer where it is beyond its bounds; say that the run is alive, where it has said nothing for a while."""
        if failure := self._bounds.passed():
            self.cut(Run.Status.FAILED, failure)
        if time.monotonic() - self.log.spoke_at >= NOTICE_SECONDS:
            seconds = round(time.monotonic() - self.started)
            what = f"{self.run.model} is still writing" if self.log.has_said("text") else f"Waiting for {self.run.model}"
            self.log.tell(loop.step("thinking", f"{what}, {seconds} s so far"))

    async def _ask(self) -> Ending:
        try:
            request = await self._request()
            self._sent = sum(context.tokens_of(turn.content) for turn in request.turns)
            provider = RetryingProvider(provider_for(request.model), on_retry=self._on_retry)
            finished = await loop.answer(provider, request, self.log)
        except ProviderError as error:
            if isinstance(error, TOOK_NOTHING) and not self.log.size:
                self._sent = 0
            return self._failed(error.as_failure())
        except catalogue.UnknownModel as error:
            return self._failed(Failure("unknown_model", str(error)))
        except AnswerTooLong:
            return self._failed(
                Failure("answer_too_long", "The answer grew beyond 4 MB and was ended. What came so far is kept.")
            )
        return self.ending(Run.Status.COMPLETE, finished.reason, is_whole=True)

    def ending(self, status: Run.Status, reason: str = "", *, failure: Failure | None = None, is_whole: bool = False) -> Ending:
        """The ending of the run, with what it took."""
        begun = self._sent >= 0
        taken = usage.took(self.run, self.log.usage, sent=max(self._sent, 0), wrote=self.log.size, is_whole=is_whole)
        return Ending(self.run.answer_id, status, self.run.model, reason, taken, failure, begun)

    async def _request(self) -> Request:
        # What began without a model stays without one: its rights and its budgets were never asked for.
        model = UNSET if self.run.provider == UNSET.provider else await catalogue.find(self.run.model)
        limits = catalogue.time_limits()
        return Request(model, context.turns_for(self._branch), parameters.parse(self.run.parameters), *limits)

    def _on_retry(self, error: ProviderError, seconds: float) -> None:
        self.log.tell(loop.step("thinking", f"{error} Trying again in {seconds:.0f} s."))

    def _failed(self, failure: Failure) -> Ending:
        self.log.tell(loop.step("error", failure.message, error=failure.code))
        return self.ending(Run.Status.FAILED, failure=failure)

    def _cut_ending(self, status: Run.Status, failure: Failure) -> Ending:
        if status == Run.Status.STOPPED:
            return self.ending(status, "stopped")
        return self.ending(status, failure=failure)
