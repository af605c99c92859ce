"""An installation with the stand-in tools, for the tests of this folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import Client
from tests.conftest import FOLDER
from tests.ports import free_port
from tests.stack import CLAUDE, DOORS, MODELS, Galaxy, Providers
from tests.tools.stand_in.tools import DONE


@pytest.fixture(scope="session")
def tool_galaxy(stand_in_process: Providers) -> Iterator[Galaxy]:
    settings = {"DJANGO_SETTINGS_MODULE": "tests.tools.settings", "FIRST_TOKEN_SECONDS": "60", "WORDLESS_SECONDS": "60"}
    models = MODELS + CLAUDE + DOORS
    installation = Galaxy(Path(tempfile.mkdtemp(dir=FOLDER)), free_port(), stand_in_process, models=models, **settings)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture(scope="session")
def owner(tool_galaxy: Galaxy) -> Client:
    return Client(tool_galaxy.base_url, tool_galaxy.owner_cookie())


def effects(galaxy: Galaxy, call: str, *, file: str = DONE) -> int:
    """Return how often the call had its effect."""
    done = galaxy.data_dir / file
    return sum(line.startswith(f"{call} ") for line in done.read_text().splitlines()) if done.exists() else 0
