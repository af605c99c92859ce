"""Parsing of DATABASE_URL, REDIS_URL and MQTT_URL. A ValueError reports an invalid one without quoting a password."""

from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict


class Address(NamedTuple):
    """Address of a service: host and port, or a Unix socket."""

    host: str
    port: int
    socket: Path | None = None

    def __str__(self) -> str:
        return str(self.socket) if self.socket else f"{self.host}, port {self.port}"


class Login(NamedTuple):
    """A broker's address and credentials."""

    address: Address
    user: str
    password: str


def database(url: str) -> dict[str, Any]:
    """Parse libpq's parameters (its section 32.1.1.2) from a `postgres://` URL."""
    try:
        given = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        raise ValueError from None
    # A password with an unescaped `@` or `/` shows up in the host, port or name.
    named = "".join(str(given.get(name, "")) for name in ("host", "port", "dbname"))
    if not url.startswith(("postgres://", "postgresql://")) or "@" in named or not _are_ports(str(given.get("port", ""))):
        raise ValueError
    return given


def database_address(given: dict[str, Any]) -> Address | None:
    """Return the server's address; None for several servers, or if libpq chooses."""
    host, port = str(given.get("host", "")), str(given.get("port", "5432"))
    if not host or "," in host:
        return None
    socket = Path(host) / f".s.PGSQL.{port}" if host.startswith("/") else None
    return Address(host, int(port), socket)


def redis(url: str) -> Address:
    """Parse a `redis://`, `rediss://` or `unix://` URL."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path:
        return Address("", 0, Path(unquote(parts.path)))
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError
    return Address(parts.hostname or "localhost", parts.port or 6379)


def mqtt(url: str) -> Login:
    """Parse an `mqtt://` URL with its credentials."""
    parts = urlsplit(url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise ValueError
    return Login(Address(parts.hostname, parts.port or 1883), unquote(parts.username or ""), unquote(parts.password or ""))


def _are_ports(text: str) -> bool:
    return all(not port or (port.isdecimal() and 0 < int(port) < 2**16) for port in text.split(","))
