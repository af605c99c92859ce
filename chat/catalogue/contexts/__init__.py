"""The context of models: its fields (`values`), put together from operators, servers and LiteLLM's table (`gathering`).

`probing` asks the servers, in runners; `published` brings their answers to every process. See docs/models.md.
"""

from chat.catalogue.contexts.gathering import known
from chat.catalogue.contexts.values import ModelContext

__all__ = ["ModelContext", "known"]
