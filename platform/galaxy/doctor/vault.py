"""Check, for `doctor`, that the vault's keys can decrypt all secrets, in plain SQL because `doctor` runs without Django."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

from accounts.vault import keys as vault_keys
from accounts.vault.errors import KeyMissing, VaultError
from galaxy.configuration import local_secrets, service_addresses
from galaxy.configuration.environment import Environment
from galaxy.configuration.paths import Places
from galaxy.services import postgres

IDS = "SELECT encode(substring(ciphertext FROM 2 FOR 8), 'hex'), count(*) FROM accounts_secret GROUP BY 1 ORDER BY 1"
WITHIN = 5


async def examine(settings: Environment, places: Places) -> list[tuple[str, str]]:
    """List problems with remedies. An unreachable database or a damaged file is reported elsewhere."""
    try:
        ring = vault_keys.load(places.vault_keys, settings.vault_keys)
        async with await psycopg.AsyncConnection.connect(**_database(settings, places), connect_timeout=WITHIN) as connection:
            sealed = await (await connection.execute(IDS)).fetchall()
    except (psycopg.Error, ImproperlyConfigured, VaultError):
        return []
    there = {key.id.hex() for key in ring.keys} if ring else set()
    place = ring.place if ring else str(places.vault_keys)
    return [
        (f"Secrets that cannot be decrypted: {count}.", str(KeyMissing(key_id, place)))
        for key_id, count in sealed
        if key_id not in there
    ]


def _database(settings: Environment, places: Places) -> dict[str, Any]:
    if settings.database_url:
        return service_addresses.database(settings.database_url)
    password = local_secrets.read(places.secrets / "database_password")
    return {"host": str(places.postgres_socket), "user": postgres.NAME, "dbname": postgres.NAME, "password": password}
