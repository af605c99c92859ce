"""A Provider that notes outcomes, and that is not asked while its model is down."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chat.catalogue.health import record
from chat.providers.base import Provider, ProviderError, ProviderEvent, Request


class Watched:
    """A Provider around another. Only failures before the first word count: later ones may concern one answer alone."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`. Raises HeldBack at once if the model is down."""
        before, said = await record.admitted(request.model), False
        try:
            async with aclosing(self._provider.stream(request)) as events:
                async for event in events:
                    if not said:
                        said = True
                        await record.answered(request.model, before)
                    yield event
        except ProviderError as error:
            if not said:
                await record.failed(request.model, before, error)
            raise
