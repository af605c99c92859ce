"""Asks again when a provider failed before it had said anything, or did not take the request as it was.

After the first event nothing is repeated by itself.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from chat.providers.base import (
    CallsInText,
    HeldBack,
    NoAnswer,
    NotTaken,
    Provider,
    ProviderError,
    ProviderEvent,
    Request,
    Stalled,
)
from chat.providers.fitting import ways

ATTEMPTS = 3
FIRST_WAIT = 0.5
LONGEST_WAIT = 10.0

OnRetry = Callable[[ProviderError, float], None]


class RetryingProvider:
    """A Provider made of another. `on_retry` is told of the failure and of the seconds until the next attempt."""

    def __init__(self, provider: Provider, *, on_retry: OnRetry | None = None, attempts: int = ATTEMPTS) -> None:
        self._provider, self._on_retry, self._attempts = provider, on_retry, attempts

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`."""
        attempt, usual = 1, ways.known(request.model)
        way = usual
        while True:
            said = False
            if way.writes_tools and request.tools:
                yield CallsInText()
            try:
                async with aclosing(self._provider.stream(ways.fitted(request, way))) as events:
                    async for event in events:
                        if not said and way != usual:
                            ways.remember(request.model, way)
                        said = True
                        yield event
            except NotTaken as error:
                another = None if said else ways.instead(way, request, error)
                if another is None:
                    raise error.otherwise from error
                way = another
            except ProviderError as error:
                wait = wait_before(attempt + 1, error)
                if said or wait is None or attempt == self._attempts:
                    raise
                await self._pause(error, wait)
                attempt += 1
            else:
                return

    async def _pause(self, error: ProviderError, seconds: float) -> None:
        if self._on_retry:
            self._on_retry(error, seconds)
        await asyncio.sleep(seconds)


def wait_before(attempt: int, error: ProviderError) -> float | None:
    """The seconds to wait before this attempt (2, 3, …); None when there should be none.

    A stall has used up the person's patience already. A provider that asks for a longer wait than a person would sit through is
    taken at its word: the page offers to try again.
    """
    if not error.retryable or isinstance(error, Stalled | NoAnswer | HeldBack):
        return None
    if error.retry_after is not None:
        return error.retry_after + random.uniform(0, 0.25) if error.retry_after <= LONGEST_WAIT else None  # noqa: S311
    return FIRST_WAIT * 2.0 ** (attempt - 2) * random.uniform(0.5, 1.5)  # noqa: S311
