"""What Django refuses to start with, or warns of, each with an id and what to do.

What a setting must be by itself is in `environment`; here is what several of them mean together.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's name

from galaxy.environment import Environment


@register()
def settings_make_sense(**_: Any) -> list[CheckMessage]:
    """The settings in force."""
    return examine(settings.ENVIRONMENT)


def examine(environment: Environment) -> list[CheckMessage]:
    """The same for any settings."""
    return [*_test_mode(environment), *_openness(environment)]


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


def _openness(environment: Environment) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if "*" in environment.listed(environment.allowed_hosts):
        hint = "Name the hosts under which the portal is asked."
        found.append(Warning("ALLOWED_HOSTS lets any name through.", hint=hint, id="galaxy.W001"))
    if not is_local(environment.host) and urlsplit(environment.public_url).scheme != "https":
        hint = "Put a reverse proxy with TLS before it, and set PUBLIC_URL to its https:// address."
        found.append(
            Warning("Others can reach the portal, and nothing says that they do so by https.", hint=hint, id="galaxy.W002")
        )
    return found
