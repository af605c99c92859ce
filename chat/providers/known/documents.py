"""Lists and facts that servers give as one document, read to a bound: it is held in memory as a whole."""

from typing import Any

import aiohttp

from chat.providers.reading.chunks import NotJSONError, value_in

MOST_BYTES = 8 * 2**20  # several times the longest list of any provider


async def value_of(response: aiohttp.ClientResponse) -> Any:
    """The document of an answer. Raises aiohttp.ClientError, and NotJSONError also for one without end."""
    told = bytearray()
    async for piece in response.content.iter_any():
        told += piece
        if len(told) > MOST_BYTES:
            response.close()
            raise NotJSONError
    return value_in(bytes(told))
