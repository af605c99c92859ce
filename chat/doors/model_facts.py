"""Models as the REST door tells of them."""

from typing import Any

from accounts.models import User
from chat.catalogue import choices, health
from chat.catalogue.health import Health
from chat.providers.base import ModelConfig


async def listed(person: User) -> list[dict[str, Any]]:
    """The models that the person may ask, the default first, each with its health."""
    models = await choices.models_for(person)
    found = await health.known(models)
    return [_told(model, found[model.name]) for model in models]


def _told(model: ModelConfig, found: Health) -> dict[str, Any]:
    named = {"name": model.name, "provider": model.provider, "model": model.model}
    behind = [member.name for member in model.members]
    return named | {"state": found.state, "reason": found.reason if found.is_down else "", "members": behind}
