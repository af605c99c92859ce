"""The fixtures of every test. The running Galaxy and this process share one database, whose rows stay.

There is no rollback between tests: each works with people of its own. Tests that use no fixture start nothing.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import django
import httpx
import pytest
from pytest_django import DjangoDbBlocker

from tests import first_start
from tests.issuer import Issuer
from tests.issuer.settings import provider_settings
from tests.ports import free_port
from tests.stack import environment

# Before Django reads its settings: this process's own folder, and nothing of the developer's.
FOLDER = Path(tempfile.mkdtemp(prefix="galaxy-"))
ISSUER = Issuer()
SETTINGS = provider_settings(ISSUER.port)
os.environ.update(environment(FOLDER / "main", free_port(), **SETTINGS), DJANGO_SETTINGS_MODULE="galaxy.settings")
first_start.bring_secrets(FOLDER / "main")
django.setup()
first_start.keep_secrets(FOLDER / "main")
logging.getLogger().handlers.clear()  # pytest shows what this process logs, beside the test that fails
# xdist's workers inherit this environment, and pytest-django would load the settings before their own folder is set.
del os.environ["DJANGO_SETTINGS_MODULE"]

from django.core.cache import cache  # noqa: E402  settings come first
from django.db import connection  # noqa: E402

from accounts import audit  # noqa: E402
from accounts.models import User  # noqa: E402
from galaxy import urls as _  # noqa: E402, F401  fills the operators' pages, as in the portal
from tests import order  # noqa: E402
from tests.app_site import AppSite  # noqa: E402
from tests.attempts import forget_attempts  # noqa: E402
from tests.client import Client  # noqa: E402
from tests.people import Neighbours, move_in, session_of  # noqa: E402
from tests.stack import Galaxy, Providers  # noqa: E402
from tests.visitor import Visitor, with_password  # noqa: E402


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest begin."""
    order.sort(items, config.rootpath)


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    first_start.forget()


@pytest.fixture(scope="session")
def stand_in_process() -> Iterator[Providers]:
    server = Providers()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def app_site() -> Iterator[AppSite]:
    """Site at which apps describe themselves."""
    site = AppSite(FOLDER / "app-site")
    yield site
    site.stop()


@pytest.fixture(scope="session")
def galaxy(stand_in_process: Providers, app_site: AppSite, django_db_blocker: DjangoDbBlocker) -> Iterator[Galaxy]:
    """The running installation that most tests share. It must be left as it was found: nothing is killed here."""
    tools = {"DJANGO_SETTINGS_MODULE": "tests.tools.settings"}  # with the stand-in tools
    installation = Galaxy(FOLDER / "main", int(os.environ["PORT"]), stand_in_process, **SETTINGS, **tools, **app_site.settings)
    installation.start()
    with django_db_blocker.unblock():
        yield installation
        audit.flush()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # django-stubs do not know the pool yet
    installation.stop()


@pytest.fixture(scope="module")
def own_galaxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation whose parts may be killed."""
    installation = Galaxy(Path(tempfile.mkdtemp(dir=FOLDER)), free_port(), stand_in_process)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def own_client(own_galaxy: Galaxy) -> Client:
    """The owner of the installation whose parts may be killed."""
    return Client(own_galaxy.base_url, own_galaxy.owner_cookie())


@pytest.fixture
async def providers(stand_in_process: Providers) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in's own door: `/_calls` tells who asked what."""
    async with httpx.AsyncClient(base_url=stand_in_process.url, verify=False) as client:
        yield client


@pytest.fixture(scope="session")
def issuer_process() -> Iterator[Issuer]:
    ISSUER.start()
    yield ISSUER
    ISSUER.stop()


@pytest.fixture
def issuer(issuer_process: Issuer) -> Issuer:
    """The provider that people of the running installation may sign in by."""
    issuer_process.reset()
    cache.clear()  # what it published is remembered for a minute
    return issuer_process


@pytest.fixture
def neighbours(galaxy: Galaxy) -> Neighbours:
    return move_in()


@pytest.fixture
def alice(neighbours: Neighbours) -> User:
    return neighbours.alice


@pytest.fixture
def bob(neighbours: Neighbours) -> User:
    return neighbours.bob


@pytest.fixture
def charlie(neighbours: Neighbours) -> User:
    return neighbours.charlie


@pytest.fixture
def alice_client(galaxy: Galaxy, alice: User) -> Client:
    return Client(galaxy.base_url, session_of(alice))


@pytest.fixture
def bob_client(galaxy: Galaxy, bob: User) -> Client:
    return Client(galaxy.base_url, session_of(bob))


@pytest.fixture
def charlie_client(galaxy: Galaxy, charlie: User) -> Client:
    return Client(galaxy.base_url, session_of(charlie))


@pytest.fixture
async def visitor(galaxy: Galaxy) -> AsyncIterator[Visitor]:
    """Someone at a browser of their own."""
    async with Visitor(galaxy.base_url) as browser:
        yield browser


@pytest.fixture
def alice_with_password(alice: User) -> User:
    return with_password(alice)


@pytest.fixture
def fresh_count(galaxy: Galaxy) -> Iterator[None]:
    """No attempt was counted before, and those of this test do not stand in others' way: all come from one address."""
    forget_attempts()
    yield
    forget_attempts()


@pytest.fixture
async def anonymous(galaxy: Galaxy) -> AsyncIterator[httpx.AsyncClient]:
    """Someone who is not signed in."""
    async with httpx.AsyncClient(base_url=galaxy.base_url, timeout=20, verify=False) as client:
        yield client
