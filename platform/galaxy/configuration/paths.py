"""Paths below `DATA_DIR`, and of sockets."""

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
        """The vault's keys, one per line; unlike the other secrets they cannot be generated again."""
        return self.secrets / "vault.keys"

    @property
    def logs(self) -> Path:
        """Log files of the processes."""
        return self.data / "logs"

    @property
    def audit(self) -> Path:
        """Anchors of the audit's chain, outside the database."""
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
        """Times of each scheduled task's last run."""
        return self.data / "celery"

    @property
    def local_model(self) -> Path:
        """Address and key of the local model; missing where there is none."""
        return self.data / "run" / "local_model.json"

    @property
    def embeddings(self) -> Path:
        """Files of the embedded embedding model, which can be made again."""
        return self.data / "embeddings"

    @property
    def runtime_config(self) -> Path:
        """The default model that an operator switched to; missing where none did."""
        return self.data / "runtime_config.yaml"

    @property
    def samples(self) -> Path:
        """Sample data, which can be made again."""
        return self.data / "samples"

    @property
    def lock(self) -> Path:
        """Lock of this folder's only supervisor, with its pid."""
        return self.data / "galaxy.lock"

    @property
    def parts(self) -> Path:
        """Running processes, as JSON."""
        return self.data / "run" / "parts.json"

    @property
    def postgres_socket(self) -> Path:
        """Folder of PostgreSQL's socket, a separate one because PostgreSQL may run as another user."""
        return self.sockets / "postgres"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"

    @property
    def embedder_socket(self) -> Path:
        """Socket of the process that embeds texts."""
        return self.sockets / "embedder.sock"

    @property
    def sockets(self) -> Path:
        """Folder of the sockets: below `data` if the path is short enough, otherwise a private one for temporary files."""
        folder = self.data / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"galaxy-{os.getuid()}-{name}"
