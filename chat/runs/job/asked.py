"""The Provider of a run: of a model, or of an alias with its members."""

from collections.abc import AsyncGenerator

from chat.catalogue.health.watched import Watched
from chat.providers.base import Provider, ProviderEvent, Request
from chat.providers.failover import Failover, Hands
from chat.providers.retrying import ATTEMPTS, OnRetry, RetryingProvider
from chat.providers.routing import provider_for


class Asked:
    """A Provider. After a failure before the first word it tries again, or asks the next member of an alias instead."""

    def __init__(self, hands: Hands, on_retry: OnRetry) -> None:
        self._hands, self._on_retry = hands, on_retry

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`."""
        provider = Failover(self._of_model, self._hands) if request.model.is_alias else self._of_model(is_last=True)
        return provider.stream(request)

    def _of_model(self, is_last: bool) -> Provider:  # noqa: FBT001  as Failover calls it
        return RetryingProvider(_Routed(), on_retry=self._on_retry, attempts=ATTEMPTS if is_last else 1)


class _Routed:
    """The provider of the request's model, with its health noted."""

    def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`."""
        return Watched(provider_for(request.model)).stream(request)
