"""A PostgreSQL that is not Galaxy's own: on a TCP port, open to its user in some databases."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from galaxy.configuration.local_secrets import read
from galaxy.configuration.paths import Places
from galaxy.services import postgres
from tests.ports import free_port

RULES = """
local all postgres trust
host galaxy,bare,postgres,missing galaxy 127.0.0.1/32 scram-sha-256
"""


@contextmanager
def foreign_postgres(folder: Path, *options: str) -> Iterator[str]:
    """Gives the URL of its database `galaxy`, in which pgvector is switched on; in its database `bare` it is not."""
    places, port = Places(folder), free_port()
    part = postgres.part(places)
    with (places.postgres / "pg_hba.conf").open("a") as rules:
        rules.write(RULES)
    given = ["listen_addresses=127.0.0.1", f"port={port}", *options]
    command = [*part.command, *(word for option in given for word in ("-c", option))]
    with subprocess.Popen(command, env=dict(part.environment), cwd="/", stderr=subprocess.DEVNULL) as process:
        try:
            _make_bare(places.postgres_socket, port)
            yield f"postgres://galaxy:{read(places.secrets / 'database_password')}@127.0.0.1:{port}/galaxy"
        finally:
            process.send_signal(part.stop_signal)


def _make_bare(folder: Path, port: int) -> None:
    """As soon as the server takes connections."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(
                host=str(folder), port=port, user="postgres", dbname="postgres", autocommit=True
            ) as connection:
                connection.execute("CREATE DATABASE bare OWNER galaxy")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
