"""A model that was found, as the runner that found it publishes it for every process."""

from collections.abc import Mapping

import msgspec

from chat.providers.base import ModelConfig


class Found(msgspec.Struct, frozen=True):
    """A model as it is published."""

    name: str
    provider: str
    model: str
    base_url: str = ""
    key: str = ""

    def config(self, environ: Mapping[str, str]) -> ModelConfig:
        """The model with its key from this process's environment."""
        return ModelConfig(self.name, self.provider, self.model, self.base_url, environ.get(self.key, "").strip())
