"""Failures of embedding, in words for people.

CannotEmbed
├── EmbedderDown      its process is not running, or ended meanwhile
├── EmbedderBusy      too many texts are waiting already
├── TooSlow           no answer in time
├── UnknownSpace      the vectors asked for belong to a model that is not set up
├── ModelMissing      the model cannot run here; permanent until an operator acts
└── ProviderRefused   the provider of the model that EMBEDDING_MODEL names failed
"""


class CannotEmbed(Exception):
    """Embedding failed. `is_permanent` means that the same call will fail again until an operator acts."""

    is_permanent = False


class EmbedderDown(CannotEmbed):
    """The embedder is not running, or ended before it answered."""


class EmbedderBusy(CannotEmbed):
    """Too many texts are waiting already. The same call may succeed in a moment."""


class TooSlow(CannotEmbed):
    """There was no answer within the time limit."""


class UnknownSpace(CannotEmbed):
    """The embedder cannot make vectors of the space that was named."""

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
