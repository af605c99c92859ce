"""Which of the catalogue's models a person may use."""

from accounts.models import User
from accounts.storage.connections import in_database
from chat import access, catalogue
from chat.errors import NotAllowed
from chat.providers.base import ModelConfig


async def models_for(who: User) -> list[ModelConfig]:
    """The models that the person may use, their default first."""
    return await in_database(access.usable, who, await catalogue.models(who.tenant_id))


def chosen(who: User, name: str | None, every: list[ModelConfig]) -> ModelConfig:
    """The model of this name; without one, the person's default. Raises catalogue.UnknownModel and NotAllowed."""
    if name or not every:
        model = catalogue.among(every, name)
        access.check_model(who, model.name)
        return access.narrowed(who, model)
    usable = access.usable(who, every)
    if not usable:
        raise NotAllowed("You may not use any model yet. Ask the person who runs Galaxy.")
    return usable[0]
