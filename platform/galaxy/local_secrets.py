"""Secrets that Galaxy makes for itself, kept in files that only its own user can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KNOWN_ELSEWHERE = {"database_password"}  # PostgreSQL keeps the old one: a new one opens nothing


def _secret() -> str:
    return secrets.token_urlsafe(32)


def read_or_make(folder: Path, name: str, *, make: Callable[[], str] = _secret) -> str:
    """The value of that name, made at the first call. Two processes that ask at once get the same one.

    Raises ImproperlyConfigured, which names the file: settings are read with it, where nobody else could tell.
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
    """The value in a file that was made. Raises ImproperlyConfigured, too."""
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
    """What to say of a file that holds something else than Galaxy wrote."""
    remedy = "" if file.name in KNOWN_ELSEWHERE else ", or remove it: Galaxy then makes a new one"
    return ImproperlyConfigured(f"{file} is damaged. Put back a copy of it{remedy}.")


def _out_of_reach(file: Path, error: OSError) -> ImproperlyConfigured:
    reason = error.strerror or type(error).__name__
    return ImproperlyConfigured(
        f"{file} cannot be read or made ({reason}). Give it to the user who runs Galaxy, or set DATA_DIR to another folder."
    )


def write(file: Path, value: str) -> None:
    """Replace a file at once, readable by its own user only."""
    _draft(file, value).replace(file)


def _publish(file: Path, value: str) -> None:
    """Write beside and link into place, so that a reader never sees half a secret and the first writer wins."""
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
