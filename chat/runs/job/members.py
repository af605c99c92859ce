"""The members of an alias in a run: those that may answer, and moving the run's budgets and row to the one that does."""

from collections.abc import Callable, Mapping

from chat import catalogue, events
from chat.catalogue import health
from chat.errors import OverBudget
from chat.log.log_buffer import RunLog
from chat.models import Run
from chat.providers.base import ModelConfig
from chat.providers.known import prices
from chat.runs import usage

ELSEWHERE = "Only another machine can reach it."


class Members:
    """See `chat.providers.failover.Hands`."""

    def __init__(self, run: Run, log: RunLog, on_taken: Callable[[ModelConfig], None]) -> None:
        self._run, self._log, self._on_taken = run, log, on_taken
        self._passed: list[dict[str, str]] = []

    async def barred(self, members: tuple[ModelConfig, ...]) -> Mapping[str, str]:
        """Return the members that are held back, or that this machine cannot reach."""
        known, elsewhere = await health.known(members), await catalogue.elsewhere()
        barred: dict[str, str] = {}
        for member in members:
            if member.name in elsewhere:
                barred[member.name] = ELSEWHERE
            elif known[member.name].is_held:
                barred[member.name] = known[member.name].reason
        return barred

    async def take(self, member: ModelConfig) -> str:
        """Move the reservation to the member, and note it in the run's row. Return the reason if a budget does not allow it."""
        try:
            await usage.move(self._run, self._log.fence, usage.Answerer(member.name, member.provider, prices.rates(member)))
        except OverBudget as error:
            return str(error)
        self._on_taken(member)
        if self._passed:
            told = " ".join(f"{one['model']} is passed over: {one['reason']}" for one in self._passed)
            event = events.process("thinking", f"{told} Asking {member.name}", metadata={"passed_over": self._passed})
            self._log.tell(event)
        return ""

    def passed(self, member: ModelConfig, reason: str) -> None:
        """Keep the reason for the page of the answer."""
        self._passed.append({"model": member.name, "reason": reason})
        self._run.passed_over = list(self._passed)
