"""Secrets that Galaxy generates for itself, in files that only its own user can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KNOWN_ELSEWHERE = {"database_password"}  # PostgreSQL still has the old one: a new one would not open it


def _secret() -> str:
    return secrets.token_urlsafe(32)


def read_or_make(folder: Path, name: str, *, make: Callable[[], str] = _secret) -> str:
    """Return the secret with that name, generated on the first call. Two parallel processes get the same one.

    Raises ImproperlyConfigured naming the file: it is called while settings load, where no other code could report it.
    """
    file = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _publish(file, make())
    except OSError as error:
        raise _out_of_reach(file, error) from error
    return read(file)


def read(file: Path) -> str:
    """Read a generated file. Raises ImproperlyConfigured, too."""
    try:
        value = file.read_text().strip()
    except OSError as error:
        raise _out_of_reach(file, error) from error
    except UnicodeDecodeError:
        value = ""
    if not value.isprintable() or not value:
        raise damaged(file)
    return value


def damaged(file: Path) -> ImproperlyConfigured:
    """Build the error for a file that has other content than Galaxy wrote."""
    remedy = "" if file.name in KNOWN_ELSEWHERE else ", or remove it: Galaxy then generates a new one"
    return ImproperlyConfigured(f"{file} is damaged. Put back a copy of it{remedy}.")


def _out_of_reach(file: Path, error: OSError) -> ImproperlyConfigured:
    reason = error.strerror or type(error).__name__
    return ImproperlyConfigured(
        f"{file} cannot be read or created ({reason}). Give it to the user who runs Galaxy, or set DATA_DIR to another folder."
    )


def write(file: Path, value: str) -> None:
    """Replace a file atomically, readable by its own user only."""
    _draft(file, value).replace(file)


def _publish(file: Path, value: str) -> None:
    """Write a copy and link it into place: a reader never sees half a secret, and the first writer wins."""
    draft = _draft(file, value)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(file: Path, value: str) -> Path:
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(value)
    return draft
