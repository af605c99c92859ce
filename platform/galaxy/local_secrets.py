"""Secrets that Galaxy makes for itself, kept in files that only its own user can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def _secret() -> str:
    return secrets.token_urlsafe(32)


def read_or_make(folder: Path, name: str, *, make: Callable[[], str] = _secret) -> str:
    """The value of that name, made at the first call. Two processes that ask at once get the same one."""
    file = folder / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        _publish(file, make())
    return file.read_text().strip()


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
