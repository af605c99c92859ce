"""The models that operators set up, for each tenant, read from the database at most twice a second."""

import logging
import time
from uuid import UUID

import msgspec
from django.db import DatabaseError

from accounts.models import Secret
from accounts.storage.connections import in_database
from accounts.vault import store
from accounts.vault.store import VaultError
from chat.catalogue import aliases
from chat.catalogue.aliases import Alias
from chat.catalogue.offers import Offer
from chat.models import ProviderModel
from chat.models.providers import NEEDS_KEY
from chat.providers.base import ModelConfig

FRESH_SECONDS = 0.5  # what operators set is in force everywhere within one

logger = logging.getLogger(__name__)


class SetUpModels:
    """The models of all tenants as they were read last; without the database the last known."""

    def __init__(self) -> None:
        self._models: dict[UUID, list[Offer]] = {}
        self._aliases: dict[UUID, list[Alias]] = {}
        self._keys: dict[tuple[UUID, str], str] = {}  # by secret and time of its change: revealing one is work
        self._until = 0.0

    async def of(self, tenant_id: UUID) -> list[Offer]:
        """The models of a tenant, in their order."""
        return (await self.everywhere()).get(tenant_id, [])

    async def aliases(self) -> dict[UUID, list[Alias]]:
        """The aliases by tenant."""
        await self.everywhere()
        return self._aliases

    async def everywhere(self) -> dict[UUID, list[Offer]]:
        """The models by tenant."""
        now = time.monotonic()
        if now >= self._until:
            self._until = now + FRESH_SECONDS
            try:
                self._models = await in_database(self._read)
            except DatabaseError as error:
                logger.warning("The models that operators set up cannot be read, the last known stay: %s", error)
        return self._models

    def forget(self) -> None:
        """Read anew at the next question."""
        self._until = 0.0

    def _read(self) -> dict[UUID, list[Offer]]:
        rows = ProviderModel.objects.filter(enabled=True, provider__enabled=True).select_related("provider__secret")
        read: dict[UUID, list[Offer]] = {}
        keys: dict[tuple[UUID, str], str] = {}
        for row in rows:
            try:
                key = self._key(row.provider.secret, keys)
            except VaultError as error:
                logger.warning("The key of %s cannot be read, its models are not offered: %s", row.provider, error)
                continue
            if not key and row.provider.kind in NEEDS_KEY:
                logger.warning("%s has no key of its own, its models are not offered.", row.provider)
                continue
            read.setdefault(row.provider.tenant_id, []).append(Offer(config_of(row, key), "admin", row.provider.name))
        self._keys, self._aliases = keys, aliases.read()
        return read

    def _key(self, secret: Secret | None, keys: dict[tuple[UUID, str], str]) -> str:
        if secret is None:
            return ""
        mark = (secret.pk, secret.changed_at.isoformat())
        keys[mark] = keys.get(mark) or self._keys.get(mark) or store.reveal(secret)
        return keys[mark]


def config_of(row: ProviderModel, key: str) -> ModelConfig:
    """The model as it is asked, with the provider's key."""
    provider = row.provider
    name, address = (row.name, provider.kind, row.model), (provider.base_url, key.strip())
    takes = ModelConfig(*name, *address, system_role=row.system_role, tools=row.takes_tools)
    return msgspec.structs.replace(takes, context_window=row.context_window, max_output=row.max_output)
