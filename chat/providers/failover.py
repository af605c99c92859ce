"""A Provider of aliases, made of the providers of their members: the first that begins to answer does so to the end.

Another member is asked only before the first word, and never in silence: who passes it on is told of each that was left out.
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

CONNECT_SECONDS = 1.5  # to a member after which another can be asked
# Failures of the model, not of the question: with another model, the question may be answered.
_OF_MODEL = (Unreachable, Unauthorised, RateLimited, Overloaded, Stalled, Broken, NoSuchModel, NoCredit, HeldBack)


class Hands(Protocol):
    """Listener to who answers, with a say in who may."""

    async def barred(self, members: tuple[ModelConfig, ...]) -> Mapping[str, str]:
        """The members that are not to be asked at all, by name, each with the reason."""

    async def take(self, member: ModelConfig) -> str:
        """The member is about to be asked. Gives the reason why it cannot be, otherwise nothing."""

    def passed(self, member: ModelConfig, reason: str) -> None:
        """The member was left out, or has failed."""


class NoneAnswered(HeldBack):
    """No member of an alias answered. Says why for each."""


class Failover:
    """A Provider. `provider_of` makes that of a member; the last one to be asked may take its time and is asked again."""

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
        """The member's answer, preceded by its name. Raises _Failed where it failed before its first word."""
        in_text, said = False, False
        try:
            async with aclosing(self._provider_of(is_last).stream(_fitted(request, member, is_last=is_last))) as events:
                async for event in events:
                    if isinstance(event, CallsInText):
                        in_text = True  # told before the model is asked
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
    """The request to a member. Only the last one may take as long as a model of its own name."""
    if is_last:
        return msgspec.structs.replace(request, model=member)
    first = min(request.first_token_seconds, request.model.patience)
    return msgspec.structs.replace(
        request, model=member, first_token_seconds=first, connect_seconds=min(CONNECT_SECONDS, first)
    )


def _told(alias: ModelConfig, reasons: Mapping[str, str]) -> str:
    causes = " ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return f"None of the models behind “{alias.name}” answered. {causes}"
