"""Data of an earlier Galaxy: the database as it was, with chats, starts, is migrated, and shows every chat as before."""

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from galaxy.services.postgres import NAME
from tests.client import Client
from tests.conftest import FOLDER
from tests.ports import free_port
from tests.stack import Galaxy, Providers

KEPT = Path(__file__).parent / "kept"


@pytest.fixture
def of_before(stand_in_process: Providers) -> Iterator[Galaxy]:
    """An installation whose database is that of an earlier version, made before messages had parts."""
    installation = Galaxy(Path(tempfile.mkdtemp(dir=FOLDER)), free_port(), stand_in_process)
    installation.start()
    password = (installation.data_dir / "secrets" / "database_password").read_text().strip()
    dump = gzip.decompress((KEPT / "galaxy.sql.gz").read_bytes()).decode()
    statements = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    folder = str(installation.data_dir / "run" / "postgres")
    installation.kill("web")  # what holds a table open would be waited for
    with psycopg.connect(host=folder, user=NAME, dbname=NAME, password=password, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute(statements.encode())
    installation.stop()
    installation.start()
    yield installation
    installation.stop()


@pytest.mark.timeout(240)
async def test_chats_of_an_earlier_version_are_shown_as_before(of_before: Galaxy) -> None:
    owner = Client(of_before.base_url, of_before.owner_cookie())
    async with owner.rest() as rest:
        for kept in json.loads((KEPT / "chats.json").read_text()):
            now = (await rest.get(f"/api/conversations/{kept['id']}/messages")).json()["results"]
            assert [{name: message[name] for name in kept["messages"][0]} for message in now] == kept["messages"]
            page = (await rest.get(f"/c/{kept['id']}")).text
            assert all(f'data-message="{one["id"]}"' in page for one in kept["messages"])
            assert ("Thoughts" in page) == any(one["reasoning"] for one in kept["messages"])
    async with owner.socket() as socket:
        broken = next(kept for kept in json.loads((KEPT / "chats.json").read_text()) if kept["title"].startswith("Break"))
        accepted = await socket.ask("And now? [[tokens=3]]", conversation_id=broken["id"])
        assert (await socket.until_end(accepted["run_id"]))[-1]["status"] == "complete"
