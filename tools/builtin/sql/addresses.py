"""Addresses of databases: what an operator may enter, what of it is shown, and where it may lead."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from accounts.egress import EgressError
from accounts.egress.configured import configured
from tools.models import SqlDatabase

PORT = 5432
# Others read files of this machine, run in the session, or name several servers.
OPTIONS = frozenset(("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"))
KEPT_BY_OWNER = ("sslrootcert",)


class BadDatabaseAddress(ValueError):
    """The address cannot be used. `str()` says why, without quoting it."""


def check(kind: str, address: str, *, by_owner: bool) -> str:
    """Check an address and return what may be shown of it. Raises BadDatabaseAddress."""
    if kind == SqlDatabase.Kind.SQLITE:
        if not by_owner:
            raise BadDatabaseAddress("Only the owner of this Galaxy can open files of its machine.")
        return str(_file(address))
    given = _parsed(address, by_owner=by_owner)
    return f"{given['host']}:{given['port']}/{given['dbname']}"


def file_of(address: str) -> str:
    """The path of an SQLite address. Raises BadDatabaseAddress."""
    return str(_file(address))


async def connection_string(address: str, *, by_owner: bool) -> str:
    """The connection string of a PostgreSQL address. One that the owner did not choose leads to an allowed IP address.

    Raises BadDatabaseAddress.
    """
    given = _parsed(address, by_owner=by_owner)
    if by_owner:
        return make_conninfo(**given)
    try:
        (first, *_) = await configured().addresses(given["host"], int(given["port"]))
    except EgressError as error:
        raise BadDatabaseAddress(str(error)) from None
    return make_conninfo(**given, hostaddr=first)


def _parsed(address: str, *, by_owner: bool) -> dict[str, str]:
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(address).items() if value is not None}
    except ProgrammingError:
        raise _shape() from None
    if not address.startswith(("postgres://", "postgresql://")) or not {"host", "dbname", "user"} <= set(given):
        raise _shape()
    if not set(given) <= OPTIONS or (not by_owner and set(given) & set(KEPT_BY_OWNER)):
        raise BadDatabaseAddress(f"Of the options only {', '.join(sorted(OPTIONS - {'password'}))} can be used.")
    given.setdefault("port", str(PORT))
    _check_place(given, by_owner=by_owner)
    return given


def _check_place(given: dict[str, str], *, by_owner: bool) -> None:
    if "," in given["host"] or not given["port"].isdigit():
        raise _shape()
    if given["host"].startswith(("/", "@")) and not by_owner:
        raise BadDatabaseAddress("Only the owner of this Galaxy can open sockets of its machine.")
    own = settings.DATABASES["default"]
    if (given["host"], given["dbname"], given["user"]) == (own["HOST"], own["NAME"], own["USER"]):
        raise BadDatabaseAddress("This is Galaxy's own role. Give queries a role of their own, which can only read.")


def _shape() -> BadDatabaseAddress:
    return BadDatabaseAddress("Write it as postgres://user:password@host:5432/database.")


def _file(address: str) -> Path:
    parts = urlsplit(address)
    path = Path(unquote(parts.path))
    if parts.scheme != "sqlite" or parts.netloc or parts.query or not path.is_absolute():
        raise BadDatabaseAddress("Write it as sqlite:///folder/file.sqlite, with the whole path.")
    return path
