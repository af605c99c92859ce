"""What services say when they refuse a client, in plain words and with what to do."""

import re
from typing import NamedTuple


class Unusable(NamedTuple):
    """Why a service cannot be used, and what to do about it."""

    reason: str
    remedy: str


# By a pattern of what is said; the first that fits counts.
Refusals = dict[str, Unusable]
DATABASE: Refusals = {
    "password authentication failed|no password supplied": Unusable(
        "the server refuses this user and password", "Correct them in DATABASE_URL."
    ),
    'role ".*" does not exist': Unusable("the server does not know this user", "Make it there, or correct DATABASE_URL."),
    'database ".*" does not exist': Unusable(
        "the server has no database of this name", "Make it there, or correct DATABASE_URL."
    ),
    "no pg_hba.conf entry": Unusable(
        "the server does not let this user into this database from here", "Add a line for it to the server's pg_hba.conf."
    ),
    "starting up|shutting down|recovery": Unusable("the server is starting or stopping", "Try again in a moment."),
    "too many|remaining connection": Unusable("the server has no connection left", "Raise its max_connections."),
    "invalid response|expected authentication|closed the connection|timeout expired": Unusable(
        "what listens there does not answer as PostgreSQL does", "Correct host and port in DATABASE_URL."
    ),
}
REDIS: Refusals = {
    "without any password": Unusable("the server wants no password", "Take it out of REDIS_URL."),
    "username-password|WRONGPASS|NOAUTH|Authentication required|must be called with the client already authenticated": Unusable(
        "the server refuses this user and password", "Correct them in REDIS_URL."
    ),
    "DB index|invalid DB": Unusable("the server has no database of this number", "Correct the end of REDIS_URL."),
    "loading": Unusable("the server is still loading its data", "Try again in a moment."),
    "maxmemory|OOM": Unusable(
        "the server is full",
        "Raise its maxmemory, or give Galaxy a server of its own.",
    ),
    "NOPERM|no permissions": Unusable(
        "the server keeps commands that Galaxy needs from this user",
        "Allow it all keys and channels, and every command but @admin and @dangerous.",
    ),
    "unknown command": Unusable("the server lacks commands that Galaxy needs", "Use Valkey, or Redis 6 or later."),
    "READONLY|read only replica": Unusable("the server is a replica, which takes no writes", "Name the primary in REDIS_URL."),
    "CERTIFICATE_VERIFY_FAILED": Unusable(
        "the server's certificate is not one that this machine trusts",
        "Add ?ssl_ca_certs=/path/of/its/authority.pem to REDIS_URL.",
    ),
    "SSL": Unusable("the server and Galaxy find no common TLS", "Write redis:// for a server without TLS."),
    "Protocol error|Connection closed|Timeout reading": Unusable(
        "what listens there does not answer as Redis does", "Correct host and port in REDIS_URL."
    ),
    "unexpected keyword": Unusable("it has options that nobody knows", "Take out what follows the question mark."),
}
MQTT: Refusals = {
    "user and password": Unusable("the broker refuses this user and password", "Correct them in MQTT_URL."),
    "": Unusable("what listens there does not answer as an MQTT broker does", "Correct host and port in MQTT_URL."),
}


def in_plain_words(error: Exception, known: Refusals, *, secret: str = "") -> Unusable:
    """What is not known is told in the server's own words, without the password."""
    said = str(error) or type(error).__name__
    for pattern, unusable in known.items():
        if re.search(pattern, said, re.IGNORECASE):
            return unusable
    line = (said.partition("FATAL:")[2] or said).strip().partition("\n")[0]
    return Unusable(
        f"the server says: {line.replace(secret, '***') if secret else line}", "Correct the address, or the server."
    )
