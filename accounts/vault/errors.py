"""Errors of the vault. No message quotes a secret or a key.

VaultError
 ├─ KeyFileExposed   others can read the key file
 ├─ KeyFileUnusable  it cannot be read, written, or is damaged
 ├─ KeyMissing       a secret was encrypted with a key that is missing
 ├─ Tampered         a secret is not what was stored under that name
 └─ Unfit             a name or a value that cannot be stored
"""

from pathlib import Path


class VaultError(Exception):
    """A secret cannot be stored or decrypted. `str()` says what to do about it."""


class KeyFileExposed(VaultError):
    """Others can read the key file, and with it all secrets."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"Others can read {file}. Run: chmod 600 {file}")


class KeyFileUnusable(VaultError):
    """The key file cannot be read or written, or does not contain keys."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(
            f"{file} cannot be used ({reason}). Put back a copy of it that only the user who runs Galaxy can read;  "
            "a new file does not decrypt the stored secrets."
        )


class KeyMissing(VaultError):
    """A secret was encrypted with a key that is missing."""

    def __init__(self, key_id: str, place: str) -> None:
        self.key_id = key_id
        super().__init__(
            f"Secrets were encrypted with the key {key_id}, which is not in {place}. Put back the copy that has it; "
            "if there is none, `manage.py vault forget-lost` deletes those secrets, and you enter them again."
        )


class Tampered(VaultError):
    """The encrypted text is damaged, or was moved here from another row."""

    def __init__(self) -> None:
        super().__init__("This secret was changed or moved outside Galaxy and is not used. Enter it again.")


class Unfit(VaultError):
    """A name or a value that cannot be stored."""
