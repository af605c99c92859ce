"""Which of the catalogue's models a person may use."""

from uuid import UUID

from accounts.connections import in_database
from chat import access, catalogue
from chat.errors import NotAllowed
from chat.providers.base import ModelConfig


async def models_for(person_id: UUID) -> list[ModelConfig]:
    """The models that the person may use, their default first."""
    return await in_database(access.usable, person_id, await catalogue.models())


async def chosen(person_id: UUID, name: str | None) -> ModelConfig:
    """The model of this name; without one, the person's default. Raises catalogue.UnknownModel and NotAllowed.

    For a name, only that the model exists: whether they may use it is asked when the answer begins.
    """
    if name or not (every := await catalogue.models()):
        return await catalogue.find(name)
    usable = await in_database(access.usable, person_id, every)
    if not usable:
        raise NotAllowed("You may not use any model yet. Ask the person who runs Galaxy.")
    return usable[0]
