"""The hints that a running Galaxy left for `doctor` (accounts.storage.hints), read without Django's settings."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from redis.asyncio import Redis
from redis.exceptions import RedisError

from accounts.storage import hints
from galaxy.configuration import local_secrets
from galaxy.configuration.environment import Environment
from galaxy.configuration.paths import Places

WITHIN = 5.0
WORDS = {
    hints.GROUPS_CLAIM: (
        "Groups of the sign-in provider do not arrive: at the last sign-in {}.",
        "Name the claim that lists them in OIDC_GROUPS_CLAIM, and what names a group in it in OIDC_GROUPS_NAME.",
    ),
    hints.NO_UPGRADE: (
        "In the last day the chat went on without a socket at {}.",
        "Let the proxy in front pass WebSockets at /ws/chat (docs/running.md has the lines for each).",
    ),
    hints.MODELS_DOWN: (
        "Some models do not answer. {}",
        "Galaxy uses the others and checks these again by itself. The admin's Providers page gives the reason for each.",
    ),
    hints.FOREIGN_ORIGIN: (
        "In the last day a socket was refused. {}",
        "If the page was one of this Galaxy's, set PUBLIC_URL or ALLOWED_HOSTS to its address.",
    ),
}


async def examine(settings: Environment, places: Places) -> list[tuple[str, str]]:
    """Hints that were noticed, each with what to do; none where Redis does not answer, which another check reports."""
    try:
        async with _client(settings, places) as client:
            values: list[Any] = await client.mget(list(WORDS))
    except (RedisError, ImproperlyConfigured):
        return []
    noticed = zip(WORDS.values(), values, strict=True)
    return [(text.format(value.decode(errors="replace")), advice) for (text, advice), value in noticed if value is not None]


def _client(settings: Environment, places: Places) -> Redis:
    if settings.redis_url:
        return Redis.from_url(settings.redis_url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN)
    password = local_secrets.read(places.secrets / "redis_password")
    return Redis(unix_socket_path=str(places.valkey_socket), password=password, socket_timeout=WITHIN)
