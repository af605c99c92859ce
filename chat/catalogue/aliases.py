"""Aliases as models of the catalogue: a name with those of its members that are offered now."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from chat.catalogue.offers import Offer
from chat.models import ModelAlias
from chat.providers.base import ModelConfig

PROVIDER = "alias"


class Alias(NamedTuple):
    """An alias as operators set it up."""

    name: str
    patience: float
    members: tuple[str, ...]


def read() -> dict[UUID, list[Alias]]:
    """The aliases of all tenants."""
    found: dict[UUID, list[Alias]] = {}
    for row in ModelAlias.objects.filter(enabled=True).prefetch_related("members"):
        members = tuple(member.model for member in row.members.all())
        found.setdefault(row.tenant_id, []).append(Alias(row.name, row.patience_seconds, members))
    return found


def offers(aliases: Iterable[Alias], models: Mapping[str, ModelConfig]) -> list[Offer]:
    """The aliases that have a member now, as models."""
    made = [config_of(alias, models) for alias in aliases]
    return [Offer(model, "alias", "aliases") for model in made if model.members]


def config_of(alias: Alias, models: Mapping[str, ModelConfig]) -> ModelConfig:
    """The alias with its members; an alias cannot be a member of another."""
    known = [models[name] for name in alias.members if name in models]
    members = tuple(model for model in known if not (model.is_alias or model.is_demonstration))
    return ModelConfig(alias.name, PROVIDER, alias.name, members=members, patience=alias.patience)
