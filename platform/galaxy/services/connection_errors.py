"""Errors of services that refuse a client, in plain words and with a remedy."""

import re
from typing import NamedTuple


class Unusable(NamedTuple):
    """A service that cannot be used: the reason and the remedy."""

    reason: str
    remedy: str


# By a pattern of the message; the first match counts.
Refusals = dict[str, Unusable]
DATABASE: Refusals = {
    "password authentication failed|no password supplied": Unusable(
        "the server refuses this user and password", "Correct them in DATABASE_URL."
    ),
    'role ".*" does not exist': Unusable(
        "the server does not know this user", "Create the user there, or correct DATABASE_URL."
    ),
    'database ".*" does not exist': Unusable(
        "the server has no database with this name", "Create it there, or correct DATABASE_URL."
    ),
    "no pg_hba.conf entry": Unusable(
        "the server does not admit this user to this database from this machine",
        "Add a line for it to the server's pg_hba.conf.",
    ),
    "starting up|shutting down|recovery": Unusable("the server is starting or stopping", "Try again in a moment."),
    "too many|remaining connection": Unusable("the server has no connection left", "Raise its max_connections."),
    "invalid response|expected authentication|closed the connection|timeout expired": Unusable(
        "the program at this address is not PostgreSQL", "Correct host and port in DATABASE_URL."
    ),
}
REDIS: Refusals = {
    "without any password": Unusable("the server does not use a password", "Remove it from REDIS_URL."),
    "username-password|WRONGPASS|NOAUTH|Authentication required|must be called with the client already authenticated": Unusable(
        "the server refuses this user and password", "Correct them in REDIS_URL."
    ),
    "DB index|invalid DB": Unusable("the server has no database with this number", "Correct the end of REDIS_URL."),
    "loading": Unusable("the server is still loading its data", "Try again in a moment."),
    "maxmemory|OOM": Unusable(
        "the server is full",
        "Raise its maxmemory, or give Galaxy a server of its own.",
    ),
    "NOPERM|no permissions": Unusable(
        "this user may not run commands that Galaxy needs",
        "Allow the user all keys and channels, and every command except @admin and @dangerous.",
    ),
    "unknown command": Unusable("the server lacks commands that Galaxy needs", "Use Valkey, or Redis 6 or later."),
    "READONLY|read only replica": Unusable("the server is a replica, which refuses writes", "Name the primary in REDIS_URL."),
    "CERTIFICATE_VERIFY_FAILED": Unusable(
        "this machine does not trust the server's certificate",
        "Add ?ssl_ca_certs=/path/of/its/authority.pem to REDIS_URL.",
    ),
    "SSL": Unusable("the server and Galaxy have no TLS version in common", "Write redis:// for a server without TLS."),
    "Protocol error|Connection closed|Timeout reading": Unusable(
        "the program at this address is not Redis", "Correct host and port in REDIS_URL."
    ),
    "unexpected keyword": Unusable("it has unknown options", "Remove the part after the question mark."),
}
MQTT: Refusals = {
    "user and password": Unusable("the broker refuses this user and password", "Correct them in MQTT_URL."),
    "": Unusable("the program at this address is not an MQTT broker", "Correct host and port in MQTT_URL."),
}


def in_plain_words(error: Exception, known: Refusals, *, secret: str = "") -> Unusable:
    """Explain an error; unknown ones in the server's own words, without the password."""
    said = str(error) or type(error).__name__
    for pattern, unusable in known.items():
        if re.search(pattern, said, re.IGNORECASE):
            return unusable
    line = (said.partition("FATAL:")[2] or said).strip().partition("\n")[0]
    return Unusable(
        f"the server says: {line.replace(secret, '***') if secret else line}", "Correct the address, or the server."
    )
