"""The model for an aside: the one that the operator names, or else the conversation's own if it is able enough."""

import logging
import re
from uuid import UUID

from chat import catalogue
from chat.catalogue import health
from chat.providers.base import ModelConfig
from chat.providers.known import registry
from chat.providers.setup_help import UNSET

logger = logging.getLogger(__name__)

OWN, NONE = "own", "none"
SMALLEST = 0.5e9  # parameters: the titles of smaller models are useless
SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)


async def model_for(setting: str, own: str, tenant_id: UUID) -> ModelConfig | None:
    """Return the model for a setting of "own", "none" or a name; None if there is none that is able enough."""
    if setting == NONE:
        return None
    try:
        model = await catalogue.find(own if setting == OWN else setting, tenant_id)
    except catalogue.UnknownModel as error:
        logger.info("No model is asked for an aside: %s", error)
        return None
    if model.is_alias:
        model = await _first_able(model)
    return None if model is UNSET or model.is_demonstration or (setting == OWN and _is_too_small(model)) else model


async def _first_able(alias: ModelConfig) -> ModelConfig:
    """Return the first member of an alias that is not known to be down."""
    found = await health.known(alias.members)
    return next((member for member in alias.members if not found[member.name].is_down), alias.members[0])


def _is_too_small(model: ModelConfig) -> bool:
    """Tell whether a self-hosted model says in its name that it has fewer parameters than that."""
    if registry.canonical(model.provider) not in registry.OWN_MACHINES:
        return False
    sizes = [float(count) * (1e9 if unit in "bB" else 1e6) for count, unit in SIZE.findall(f"{model.model} {model.name}")]
    return bool(sizes) and max(sizes) < SMALLEST
