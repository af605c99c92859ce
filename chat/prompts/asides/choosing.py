"""The model that is asked beside an answer: the one that the operator names, else the conversation's own where it is able."""

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
SMALLEST = 0.5e9  # parameters: smaller models write titles that no one can use
SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([bm])(?![a-z])", re.IGNORECASE)


async def model_for(setting: str, own: str, tenant_id: UUID) -> ModelConfig | None:
    """The model for a setting of "own", "none" or a name; None where none is able."""
    if setting == NONE:
        return None
    try:
        model = await catalogue.find(own if setting == OWN else setting, tenant_id)
    except catalogue.UnknownModel as error:
        logger.info("No model is asked beside an answer: %s", error)
        return None
    if model.is_alias:
        model = await _first_able(model)
    return None if model is UNSET or model.is_demonstration or (setting == OWN and _is_too_small(model)) else model


async def _first_able(alias: ModelConfig) -> ModelConfig:
    """The first model behind an alias that is not known to be down."""
    found = await health.known(alias.members)
    return next((member for member in alias.members if not found[member.name].is_down), alias.members[0])


def _is_too_small(model: ModelConfig) -> bool:
    """Tell whether a model of one's own machine says in its name that it is smaller than that."""
    if registry.canonical(model.provider) not in registry.OWN_MACHINES:
        return False
    sizes = [float(count) * (1e9 if unit in "bB" else 1e6) for count, unit in SIZE.findall(f"{model.model} {model.name}")]
    return bool(sizes) and max(sizes) < SMALLEST
