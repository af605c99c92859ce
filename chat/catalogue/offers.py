"""Models with where they come from, and the one that a name means."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from chat.providers.base import ModelConfig
from chat.providers.known import registry

Source = Literal["environment", "list", "admin", "found", "local", "alias"]


class Offer(NamedTuple):
    """A model, and where it comes from. `provider` is the name that operators gave its provider, if they set it up."""

    model: ModelConfig
    source: Source
    provider: str = ""


# Meanings of a name, the closest first.
_MEANINGS: tuple[Callable[[Offer, str], bool], ...] = (
    lambda offer, name: offer.model.name == name,
    lambda offer, name: offer.model.name.casefold() == name.casefold(),
    lambda offer, name: offer.model.provider == registry.canonical(name),
    lambda offer, name: offer.provider.casefold() == name.casefold(),
)


def meant(offers: Sequence[Offer], name: str) -> list[Offer]:
    """The model of this name, otherwise the models of the provider that it names; none where it means nothing."""
    if not name:
        return []
    found = ([offer for offer in offers if means(offer, name)] for means in _MEANINGS)
    return next(filter(None, found), [])


def switched_to(offers: Sequence[Offer], name: str) -> list[Offer]:
    """The offers in their order, but first those that the name means.

    All models of a provider move: who may not use its first is asked by its second.
    """
    chosen = {offer.model.name for offer in meant(offers, name)}
    return sorted(offers, key=lambda offer: offer.model.name not in chosen)
