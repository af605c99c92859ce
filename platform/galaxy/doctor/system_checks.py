"""Django system checks, as errors or warnings with an id and what to do.

`environment` checks each setting by itself; these checks concern combinations.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004  Django's name

from galaxy.configuration.environment import Environment

OWN = "galaxy"  # tag of the checks of operators' settings
PROVIDERS = (
    ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"),
)


@register(OWN)
def settings_make_sense(**_: Any) -> list[CheckMessage]:
    """Check the settings in force."""
    return examine(settings.ENVIRONMENT)


def examine(environment: Environment) -> list[CheckMessage]:
    """Check any settings."""
    return [*_test_mode(environment), *_openness(environment), *_providers(environment)]


def is_local(host: str) -> bool:
    """Check whether the host is this machine."""
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
    text = f"TEST_MODE signs everyone in without a password, and others can reach this portal ({', '.join(open_doors)})."
    return [Error(text, hint="Unset TEST_MODE, or let the portal listen on this machine only.", id="galaxy.E001")]


def _openness(environment: Environment) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if "*" in environment.listed(environment.allowed_hosts):
        hint = "Name the hosts under which people open the portal."
        found.append(Warning("ALLOWED_HOSTS accepts any host name.", hint=hint, id="galaxy.W001"))
    if not is_local(environment.host) and urlsplit(environment.public_url).scheme != "https":
        hint = "Put a reverse proxy with TLS in front of it, and set PUBLIC_URL to its https:// address."
        found.append(Warning("Others can reach the portal, possibly without https.", hint=hint, id="galaxy.W002"))
    return found


def _providers(environment: Environment) -> list[CheckMessage]:
    """Report providers that are set in part, or whose answers could be changed on the way."""
    found: list[CheckMessage] = []
    for needed in PROVIDERS:
        missing = [name for name in needed if not getattr(environment, name.lower())]
        if missing and len(missing) < len(needed):
            given = next(name for name in needed if name not in missing)
            text = f"{given} is set without {' and '.join(missing)}: no one can sign in with that provider."
            found.append(Warning(text, hint="Set all of them, or none.", id="galaxy.W003"))
    issuer = urlsplit(environment.oidc_issuer)
    if issuer.scheme == "http" and not is_local(issuer.hostname or ""):
        text = f"OIDC_ISSUER={environment.oidc_issuer} is called without TLS: anyone on the way can sign in as anyone."
        found.append(Warning(text, hint="Set it to the issuer's https:// address.", id="galaxy.W004"))
    return found
