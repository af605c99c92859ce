"""What Django refuses to start with, or warns of, each with an id and what to do."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's name

from galaxy.environment import Environment

SHORTEST_KEY = 32
HIGHEST_PORT = 65535


@register()
def settings_make_sense(**_: Any) -> list[CheckMessage]:
    """All of Galaxy's own checks of the settings in force."""
    return examine(settings.ENVIRONMENT, secret_key=settings.SECRET_KEY)


def examine(environment: Environment, *, secret_key: str) -> list[CheckMessage]:
    """The same for any settings."""
    return [*_test_mode(environment), *_secret_key(secret_key), *_numbers(environment), *_addresses(environment)]


def is_local(host: str) -> bool:
    """Whether only this machine is meant."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _test_mode(environment: Environment) -> list[CheckMessage]:
    if not environment.test_mode:
        return []
    open_doors = [] if is_local(environment.host) else [f"HOST={environment.host}"]
    if environment.public_url and not is_local(urlsplit(environment.public_url).hostname or ""):
        open_doors.append(f"PUBLIC_URL={environment.public_url}")
    if any(not is_local(name) for name in environment.listed(environment.allowed_hosts)):
        open_doors.append(f"ALLOWED_HOSTS={environment.allowed_hosts}")
    if not open_doors:
        return []
    text = f"TEST_MODE signs everybody in without a password, and others can reach this portal ({', '.join(open_doors)})."
    return [Error(text, hint="Unset TEST_MODE, or let the portal listen on this machine only.", id="galaxy.E001")]


def _secret_key(secret_key: str) -> list[CheckMessage]:
    if len(secret_key) >= SHORTEST_KEY:
        return []
    hint = "Leave it empty: Galaxy makes a good one. Or set at least 32 random characters."
    return [Error(f"SECRET_KEY has fewer than {SHORTEST_KEY} characters.", hint=hint, id="galaxy.E002")]


def _numbers(environment: Environment) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    counts = {"WEB_PROCESSES": environment.web_processes, "RUNNER_PROCESSES": environment.runner_processes}
    found += [
        Error(f"{name} is {value}.", hint="Set it to 1 or more.", id="galaxy.E003")
        for name, value in counts.items()
        if value < 1
    ]
    if not 0 < environment.port <= HIGHEST_PORT:
        found.append(Error(f"PORT is {environment.port}.", hint="Set it to a number from 1 to 65535.", id="galaxy.E004"))
    waits = {
        "FIRST_TOKEN_SECONDS": environment.first_token_seconds,
        "BETWEEN_TOKENS_SECONDS": environment.between_tokens_seconds,
    }
    found += [
        Error(f"{name} is {value}.", hint="Set it above 0.", id="galaxy.E005") for name, value in waits.items() if value <= 0
    ]
    return found


def _addresses(environment: Environment) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    public = urlsplit(environment.public_url)
    if environment.public_url and (
        public.scheme not in ("http", "https") or not public.hostname or public.path not in ("", "/")
    ):
        hint = "Set it to scheme and name alone, such as https://galaxy.example.org"
        found.append(Error(f"PUBLIC_URL={environment.public_url} is no address of a portal.", hint=hint, id="galaxy.E006"))
    if "*" in environment.listed(environment.allowed_hosts):
        hint = "Name the hosts under which the portal is asked."
        found.append(Warning("ALLOWED_HOSTS lets any name through.", hint=hint, id="galaxy.W001"))
    if not is_local(environment.host) and public.scheme != "https":
        hint = "Put a reverse proxy with TLS before it, and set PUBLIC_URL to its https:// address."
        found.append(
            Warning("Others can reach the portal, and nothing says that they do so by https.", hint=hint, id="galaxy.W002")
        )
    return found
