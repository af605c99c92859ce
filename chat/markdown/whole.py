"""Untrusted Markdown of a model as safe HTML: one implementation for history pages and for streams.

`parsing` makes the HTML, `blocks` the blocks; here for whole texts, in `live` for those that still come.
"""

import hashlib
from collections.abc import Sequence

from django.core.cache import cache
from redis.exceptions import RedisError

from chat.markdown.blocks import Cutter

CACHE_SECONDS = 7 * 24 * 3600
CACHE_VERSION = 3  # raise it whenever the HTML of the same Markdown changes


def render(text: str) -> str:
    """The whole text as safe HTML."""
    return "".join(cut.html for cut in Cutter().cut(text, ended=True).cuts)


def render_all(texts: Sequence[str]) -> list[str]:
    """Many texts as safe HTML; what was rendered before comes from the cache, all in one question to it."""
    keys = [f"markdown:{CACHE_VERSION}:{hashlib.sha256(text.encode()).hexdigest()}" for text in texts]
    known = _cached(keys)
    new = {key: render(text) for key, text in zip(keys, texts, strict=True) if key not in known}
    _keep(new)
    return [known.get(key) or new.get(key, "") for key in keys]


def _cached(keys: list[str]) -> dict[str, str]:
    try:
        return cache.get_many(keys) if keys else {}
    except RedisError:  # a page without the cache is slower, not broken
        return {}


def _keep(rendered: dict[str, str]) -> None:
    try:
        if rendered:
            cache.set_many(rendered, CACHE_SECONDS)
    except RedisError:
        pass
