"""Where Galaxy keeps things below `DATA_DIR`, and where its sockets are."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path may have 107 bytes (unix(7)); PostgreSQL appends `/postgres/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 70


@dataclass(frozen=True)
class Places:
    """The folders of one installation, all below `data`."""

    data: Path

    @property
    def postgres(self) -> Path:
        """PostgreSQL's cluster."""
        return self.data / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.data / "valkey"

    @property
    def secrets(self) -> Path:
        """Generated secrets, one file each, mode 0600."""
        return self.data / "secrets"

    @property
    def vault_keys(self) -> Path:
        """The keys of the vault, one a line: not to be made again, as the rest of `secrets` is."""
        return self.secrets / "vault.keys"

    @property
    def logs(self) -> Path:
        """What the processes wrote."""
        return self.data / "logs"

    @property
    def audit(self) -> Path:
        """Where the end of the audit's chain is noted, outside the database."""
        return self.data / "audit"

    @property
    def static(self) -> Path:
        """Collected static files with their hashed names."""
        return self.data / "static"

    @property
    def mqtt(self) -> Path:
        """The MQTT broker's port and settings."""
        return self.data / "mqtt"

    @property
    def celery(self) -> Path:
        """When each scheduled task ran last."""
        return self.data / "celery"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this folder; its pid is inside."""
        return self.data / "galaxy.lock"

    @property
    def parts(self) -> Path:
        """Which processes run at the moment, as JSON."""
        return self.data / "run" / "parts.json"

    @property
    def postgres_socket(self) -> Path:
        """The folder of PostgreSQL's socket. Its own, since PostgreSQL may run as another user than the rest."""
        return self.sockets / "postgres"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: below `data` when the path is short enough, else a private one for temporary files."""
        folder = self.data / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"galaxy-{os.getuid()}-{name}"
