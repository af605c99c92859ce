"""All models with their sources, in words for `manage.py switch_provider`."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from chat.catalogue.offers import Offer, meant
from chat.catalogue.runtime_file import RuntimeFile

NO_MODEL = "There is no model yet. docs/models.md says how to add one."
NOT_SHARED = "The default is another one for each tenant."
MOST_TENANTS = 20


class Overview(NamedTuple):
    """Models by tenant, under None those of every tenant; the tenants' names; the file that says what was switched to."""

    offers: Mapping[UUID | None, list[Offer]]
    tenants: Mapping[UUID, str]
    file: RuntimeFile

    def knows(self, name: str) -> bool:
        """Tell whether the name means something to anyone."""
        return any(meant(offers, name) for offers in self.offers.values())

    def default(self) -> Iterator[str]:
        """Say which model is the default, and for which tenants it is another one."""
        shared = self._told(None)
        told = sorted((name, self._told(key)) for key, name in self.tenants.items())
        others = [f"For {name} it is {own}." for name, own in told if own not in {shared, ""}]
        yield f"The default is {shared}." if shared else NOT_SHARED if others else NO_MODEL
        yield from others[:MOST_TENANTS]
        if len(others) > MOST_TENANTS:
            yield f"It is another one for {len(others) - MOST_TENANTS} more tenants, too."

    def remark(self) -> Iterator[str]:
        """Say what is wrong with the file."""
        name, problem = self.file.switch()
        if problem:
            yield f"{self.file.path} cannot be read and is ignored: {problem}"
        elif name and not self.knows(name):
            yield f"{self.file.path} names “{name}”, which no model and no provider is called: it changes nothing."

    def table(self) -> Iterator[str]:
        """List every model with the kind of its provider and its source."""
        rows = [("MODEL", "PROVIDER", "SOURCE")]
        rows += [(offer.model.name, offer.model.provider, offer.source) for offer in self.offers[None]]
        for key, tenant in sorted(self.tenants.items(), key=lambda pair: pair[1]):
            own = [offer for offer in self.offers.get(key, ()) if offer.source in {"admin", "alias"}]
            rows += [(offer.model.name, offer.model.provider, f"admin: {offer.provider}, of {tenant}") for offer in own]
        names, kinds = (max(len(row[column]) for row in rows) for column in (0, 1))
        return (f"{name:{names}}  {kind:{kinds}}  {source}" for name, kind, source in rows)

    def choices(self) -> str:
        """Say which names there are."""
        every = [offer for offers in self.offers.values() for offer in offers]
        models = dict.fromkeys(offer.model.name for offer in every)
        providers = dict.fromkeys(name for offer in every for name in (offer.model.provider, offer.provider) if name)
        return f"Models: {', '.join(models)}. Providers: {', '.join(providers)}." if every else NO_MODEL

    def _told(self, tenant_id: UUID | None) -> str:
        """Name the default of a tenant with its source; empty where it has none."""
        offers = self.offers.get(tenant_id, [])
        if not offers:
            return ""
        first, name = offers[0], self.file.switch().name
        by = f", by {self.file.path.name}: {name}" if first in meant(offers, name) else ""
        return f"{first.model.name} (from: {first.source}{by})"
