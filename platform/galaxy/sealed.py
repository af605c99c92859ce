"""Whether the vault's keys open what is sealed: asked of the database by its own words, for `doctor` has no Django."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

from accounts.sealing import keys as vault_keys
from accounts.sealing.errors import KeyMissing, VaultError
from galaxy import local_secrets
from galaxy.environment import Environment
from galaxy.places import Places
from galaxy.services import addresses, postgres

IDS = "SELECT encode(substring(ciphertext FROM 2 FOR 8), 'hex'), count(*) FROM accounts_secret GROUP BY 1 ORDER BY 1"
WITHIN = 5


async def examine(settings: Environment, places: Places) -> list[tuple[str, str]]:
    """What is wrong, with its remedy; nothing of a database that does not answer or of a damaged file, told of elsewhere."""
    try:
        ring = vault_keys.load(places.vault_keys, settings.vault_keys)
        async with await psycopg.AsyncConnection.connect(**_database(settings, places), connect_timeout=WITHIN) as connection:
            sealed = await (await connection.execute(IDS)).fetchall()
    except (psycopg.Error, ImproperlyConfigured, VaultError):
        return []
    there = {key.id.hex() for key in ring.keys} if ring else set()
    place = ring.place if ring else str(places.vault_keys)
    return [
        (f"Secrets that cannot be opened: {count}.", str(KeyMissing(key_id, place)))
        for key_id, count in sealed
        if key_id not in there
    ]


def _database(settings: Environment, places: Places) -> dict[str, Any]:
    if settings.database_url:
        return addresses.database(settings.database_url)
    password = local_secrets.read(places.secrets / "database_password")
    return {"host": str(places.postgres_socket), "user": postgres.NAME, "dbname": postgres.NAME, "password": password}
