"""Providers as a list asks for them: its models of one kind, at one address and under one key, belong to one provider."""

import urllib.parse
from collections.abc import Collection
from typing import NamedTuple

from chat.models.providers import OTHER
from chat.providers.base import ModelConfig
from chat.providers.known import registry
from chat.providers.known.llms_file import Listed, Unavailable


class WantedModel(NamedTuple):
    """A model, and its place in the list."""

    position: int
    config: ModelConfig


class WantedProvider(NamedTuple):
    """A provider with its models. `name` is for a new row."""

    name: str
    kind: str
    base_url: str
    key: str
    models: list[WantedModel]

    def __repr__(self) -> str:
        return f"WantedProvider({self.name!r}, {self.kind!r})"  # never the key


class Wanted(NamedTuple):
    """Contents of a list: its providers, and the models that are left out, with the reasons."""

    providers: list[WantedProvider]
    left_out: list[Unavailable]


def wanted(listed: Listed) -> Wanted:
    """Sort the models of a list by provider, in its order."""
    names: set[str] = set()
    left_out = list(listed.unavailable)
    places: dict[tuple[str, str, str], list[WantedModel]] = {}
    for position, model in enumerate(listed.models):
        if reason := _unfit(model, names):
            left_out.append(Unavailable(model.name, reason))
            continue
        names.add(model.name)
        places.setdefault((model.provider, _address(model), model.api_key), []).append(WantedModel(position, model))
    providers: dict[str, WantedProvider] = {}
    for (kind, address, key), models in places.items():
        name = free_name(_name(kind, address), providers)
        providers[name] = WantedProvider(name, kind, address, key, models)
    return Wanted(list(providers.values()), left_out)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number if it is taken."""
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _unfit(model: ModelConfig, names: Collection[str]) -> str:
    """Say why a model cannot be a row; empty if it can."""
    if model.name in names:
        return "a model before it has this name, and is the one that counts."
    return "it has headers of its own, which only the list can hold." if model.headers else ""


def _address(model: ModelConfig) -> str:
    """The address as a row has it: empty for the provider's own."""
    known = registry.PROVIDERS.get(model.provider)
    address = model.base_url.strip().rstrip("/")
    return "" if known and address == known.base_url else address


def _name(kind: str, address: str) -> str:
    host = urllib.parse.urlsplit(address).netloc.rpartition("@")[2]
    if kind == OTHER and host:
        return host
    return f"{registry.subject(kind)} at {host}" if host and registry.at(address) != kind else registry.subject(kind)
