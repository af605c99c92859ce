"""The context of models (`values`), put together from operators, servers and the table of models (`gathering`).

`probing` asks the servers, in runners; `published` carries what they said to every process. See docs/models.md.
"""

from chat.catalogue.contexts.gathering import known
from chat.catalogue.contexts.values import ModelContext

__all__ = ["ModelContext", "known"]
