"""Models as the REST API describes them."""

from typing import Any

import msgspec

from accounts.models import User
from chat.catalogue import choices, contexts, health
from chat.catalogue.health import Health
from chat.errors import NotFound
from chat.providers.base import ModelConfig


async def listed(person: User) -> list[dict[str, Any]]:
    """The models that the person may use, the default first, each with its health."""
    models = await choices.models_for(person)
    found = await health.known(models)
    return [_told(model, found[model.name]) for model in models]


async def context_of(person: User, name: str) -> dict[str, Any]:
    """The context of a model. Raises NotFound, also for a model that the person may not use."""
    model = next((model for model in await choices.models_for(person) if model.name == name), None)
    if model is None:
        raise NotFound("You may use no model with this name. GET /api/models lists those that you may.")
    told: dict[str, Any] = msgspec.to_builtins((await contexts.known([model]))[model.name])
    return told


def _told(model: ModelConfig, found: Health) -> dict[str, Any]:
    named = {"name": model.name, "provider": model.provider, "model": model.model}
    behind = [member.name for member in model.members]
    return named | {"state": found.state, "reason": found.reason if found.is_down else "", "members": behind}
