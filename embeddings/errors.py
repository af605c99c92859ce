"""Failures of embedding, in words for people.

CannotEmbed
├── EmbedderDown      its process does not run, or ended meanwhile
├── EmbedderBusy      too much waits already
├── TooSlow           no answer in time
├── UnknownSpace      the vectors asked for are those of a model that is not set up
├── ModelMissing      the model cannot run here; permanent until an operator acts
└── ProviderRefused   the provider of the model that EMBEDDING_MODEL names failed
"""


class CannotEmbed(Exception):
    """Embedding failed. `is_permanent` means that the same call will fail again until an operator acts."""

    is_permanent = False


class EmbedderDown(CannotEmbed):
    """The embedder does not run, or ended before it answered."""


class EmbedderBusy(CannotEmbed):
    """Too many texts wait already. The same call can be made again in a moment."""


class TooSlow(CannotEmbed):
    """There was no answer within the time limit."""


class UnknownSpace(CannotEmbed):
    """The space that was named is not one of those that the embedder can make vectors of."""

    is_permanent = True


class ModelMissing(CannotEmbed):
    """The weights are missing or damaged, or this machine has no engine for them."""

    is_permanent = True


class ProviderRefused(CannotEmbed):
    """The provider answered with an error, or with something that is not a list of vectors."""


BY_NAME: dict[str, type[CannotEmbed]] = {
    kind.__name__: kind
    for kind in (CannotEmbed, EmbedderDown, EmbedderBusy, TooSlow, UnknownSpace, ModelMissing, ProviderRefused)
}
