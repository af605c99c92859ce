"""Embeddings: texts as vectors, made in a process of their own (docs/embeddings.md). Other apps import only this module."""

from embeddings.asking import embed, embed_and_wait, space_of, state
from embeddings.errors import CannotEmbed, EmbedderBusy, EmbedderDown, ModelMissing, ProviderRefused, TooSlow, UnknownSpace
from embeddings.vectors import Kind, Space, Vectors, cosine

__all__ = [
    "CannotEmbed", "EmbedderBusy", "EmbedderDown", "Kind", "ModelMissing", "ProviderRefused", "Space", "TooSlow",
    "UnknownSpace", "Vectors", "cosine", "embed", "embed_and_wait", "space_of", "state",
]  # fmt: skip
