"""Finds models for every process, in a runner. Apart from the catalogue: only who finds needs an HTTP client in memory."""

import asyncio

from django.conf import settings

from chat import catalogue
from chat.providers.known import prices, registry
from chat.providers.known.model_finder import Finder, sources

LOOK_EVERY = 5.0


async def watch() -> None:
    """Finds models until cancelled, and publishes them for every process."""
    if any(model.provider not in registry.OWN_MACHINES for model in await catalogue.everywhere()):
        await asyncio.to_thread(prices.load)
    if not settings.ENVIRONMENT.find_models:
        await asyncio.Event().wait()
    environ = catalogue.environ()
    finder = Finder(sources(environ), environ)
    while True:
        await catalogue.publish(await finder.look())
        await asyncio.sleep(LOOK_EVERY)
