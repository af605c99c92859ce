"""Apps that name themselves by documents, each new."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from tests.accounts.oauth.steps import App, Browser
from tests.app_site import AppSite
from tests.people import session_of
from tests.stack import Galaxy

NewApp = Callable[..., App]


@pytest.fixture
def new_app(galaxy: Galaxy, app_site: AppSite) -> NewApp:
    def made(path: str = "/api", **document: Any) -> App:
        return App(galaxy.base_url, app_site.serve(f"/{secrets.token_hex(4)}/app.json", **document), path=path)

    return made


@pytest.fixture
def app(new_app: NewApp) -> App:
    """For the API."""
    return new_app()


@pytest.fixture
def browser(galaxy: Galaxy, alice: User) -> Browser:
    """Alice's."""
    return Browser(galaxy.base_url, session_of(alice))


@pytest.fixture
def settled(galaxy: Galaxy) -> Callable[[str, str], Awaitable[None]]:
    """Waits until the installation has written that entry of the audit."""

    async def until(action: str, target: str) -> None:
        async with asyncio.timeout(5):
            while not await AuditEntry.objects.filter(action=action, target=target).aexists():
                await asyncio.sleep(0.05)

    return until
