"""The models as the picker shows them: those of this machine first, then those of providers."""

import ipaddress
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chat.catalogue.contexts import ModelContext
from chat.catalogue.health import Health
from chat.pages import card
from chat.providers.base import ModelConfig


class Choice(NamedTuple):
    """A model that can be chosen. `detail` says what its name does not."""

    name: str
    detail: str
    local: bool
    is_demonstration: bool = False
    trouble: str = ""  # what is wrong with it, in two words; it can still be chosen
    reason: str = ""  # the same in a sentence
    facts: str = ""  # its context window, abilities and price


class Picker(NamedTuple):
    """Models to choose from, and the chosen one; empty when no model is set up."""

    local: list[Choice]
    remote: list[Choice]
    chosen: str

    @property
    def is_empty(self) -> bool:
        """True if there is no model at all."""
        return not (self.local or self.remote)

    @property
    def trouble(self) -> str:
        """Trouble of the chosen model; empty if none is known."""
        return next((one.trouble for one in (*self.local, *self.remote) if one.name == self.chosen), "")

    @property
    def others(self) -> list[str]:
        """Names of some models without known trouble, to be offered when another one failed."""
        return [one.name for one in (*self.local, *self.remote) if not one.trouble and not one.is_demonstration]

    @property
    def demonstration(self) -> str:
        """The name of the demonstration model among them; empty where there is none."""
        return next((choice.name for choice in self.local if choice.is_demonstration), "")


def picker(
    models: Sequence[ModelConfig],
    wanted: str = "",
    health: Mapping[str, Health] | None = None,
    contexts: Mapping[str, ModelContext] | None = None,
) -> Picker:
    """The picker with `wanted` chosen, or the first model when that one is gone."""
    states, known = health or {}, contexts or {}
    choices = [_choice(model, states.get(model.name, Health()), known.get(model.name)) for model in models]
    names = [choice.name for choice in choices]
    chosen = wanted if wanted in names else next(iter(names), "")
    return Picker([one for one in choices if one.local], [one for one in choices if not one.local], chosen)


def _choice(model: ModelConfig, health: Health, context: ModelContext | None) -> Choice:
    told = (model.name, _detail(model), _runs_here(model), model.is_demonstration)
    reason = f"{health.reason.partition('. ')[0].removesuffix('.')}." if health.is_down else ""  # the answer says the rest
    return Choice(*told, health.label, reason, card.facts(context) if context else "")


def is_local(base_url: str) -> bool:
    """Tell whether the model runs on this machine: then no question leaves it."""
    host = urllib.parse.urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _runs_here(model: ModelConfig) -> bool:
    return all(is_local(one.base_url) for one in model.members or (model,))


def _detail(model: ModelConfig) -> str:
    """`openai · gpt-x` for a model that goes by another name here, else just where it comes from."""
    if model.is_demonstration:
        return "Tiny demonstration model, often wrong"
    if model.is_alias:
        return f"The first that answers: {', '.join(member.name for member in model.members)}"
    place = "This machine" if is_local(model.base_url) else urllib.parse.urlsplit(model.base_url).hostname or model.provider
    return place if model.model == model.name else f"{place} · {model.model}"
