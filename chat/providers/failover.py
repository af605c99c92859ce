"""A Provider of aliases, made of the providers of their members: the first member that begins to answer also finishes.

Another member is asked only before the first word, and never silently: `Hands` is told of each that was passed over.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Protocol

import msgspec

from chat.providers.base import (
    AnsweredBy,
    Broken,
    CallsInText,
    HeldBack,
    ModelConfig,
    NoCredit,
    NoSuchModel,
    Overloaded,
    Provider,
    ProviderError,
    ProviderEvent,
    RateLimited,
    Request,
    Stalled,
    Unauthorised,
    Unreachable,
)

CONNECT_SECONDS = 1.5  # to reach a member, if another one can be asked after it
# Failures of the model, not of the question: another model may answer it.
_OF_MODEL = (Unreachable, Unauthorised, RateLimited, Overloaded, Stalled, Broken, NoSuchModel, NoCredit, HeldBack)


class Hands(Protocol):
    """The run's side of a failover: it bars members, and is told which one is asked."""

    async def barred(self, members: tuple[ModelConfig, ...]) -> Mapping[str, str]:
        """Return the members that must not be asked, by name, each with the reason."""

    async def take(self, member: ModelConfig) -> str:
        """Prepare for the member, which is asked next. Return the reason if it must not be asked, or else nothing."""

    def passed(self, member: ModelConfig, reason: str) -> None:
        """Note that the member was passed over or failed."""


class NoneAnswered(HeldBack):
    """No member of an alias answered. The sentence gives each one's reason."""


class Failover:
    """A Provider. `provider_of` makes that of a member; only the last one gets the usual time limits and retries."""

    def __init__(self, provider_of: Callable[[bool], Provider], hands: Hands) -> None:
        self._provider_of, self._hands = provider_of, hands

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`. Raises NoneAnswered."""
        alias = request.model
        barred = await self._hands.barred(alias.members)
        left = [member for member in alias.members if member.name not in barred]
        reasons: dict[str, str] = {}
        for member in alias.members:
            reason = barred.get(member.name) or await self._hands.take(member)
            try:
                if not reason:
                    async with aclosing(self._asked(request, member, is_last=member is left[-1])) as events:
                        async for event in events:
                            yield event
            except _Failed as failure:
                reason = str(failure.error)
            if not reason:
                return
            reasons[member.name] = reason
            self._hands.passed(member, reason)
        raise NoneAnswered(_told(alias, reasons), retry_after=1.0)

    async def _asked(self, request: Request, member: ModelConfig, *, is_last: bool) -> AsyncGenerator[ProviderEvent, None]:
        """Yield the member's answer, preceded by its name. Raises _Failed if it failed before its first word."""
        in_text, said = False, False
        try:
            async with aclosing(self._provider_of(is_last).stream(_fitted(request, member, is_last=is_last))) as events:
                async for event in events:
                    if isinstance(event, CallsInText):
                        in_text = True  # it comes before the model is asked
                        continue
                    if not said:
                        said = True
                        yield AnsweredBy(member)
                        if in_text:
                            yield CallsInText()
                    yield event
        except _OF_MODEL as error:
            if said:
                raise
            raise _Failed(error) from error


class _Failed(Exception):
    """A member failed before its first word."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(str(error))
        self.error = error


def _fitted(request: Request, member: ModelConfig, *, is_last: bool) -> Request:
    """Return the request to a member. Only the last one may take as long as a model that is asked directly."""
    if is_last:
        return msgspec.structs.replace(request, model=member)
    first = min(request.first_token_seconds, request.model.patience)
    return msgspec.structs.replace(
        request, model=member, first_token_seconds=first, connect_seconds=min(CONNECT_SECONDS, first)
    )


def _told(alias: ModelConfig, reasons: Mapping[str, str]) -> str:
    causes = " ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return f"None of the models behind “{alias.name}” answered. {causes}"
