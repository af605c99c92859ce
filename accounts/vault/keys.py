"""Keys of the vault, and the file outside the database that has them.

Neither a copy of the database alone nor one of the file alone decrypts anything. Independent of Django.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from accounts.vault.errors import KeyFileExposed, KeyFileUnusable

SIZE = 32  # bytes: AES-256
ID_SIZE = 8
SETTING = "VAULT_KEYS"
OTHERS = 0o077


@dataclass(frozen=True)
class Key:
    """A key and its id, which identifies it without revealing it (HMAC-SHA-256)."""

    material: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Return the eight bytes that mark everything this key encrypts."""
        return hmac.digest(self.material, b"galaxy vault key id", hashlib.sha256)[:ID_SIZE]

    def line(self) -> str:
        """Format the key as in the file and in VAULT_KEYS: base64 with `-` and `_` (RFC 4648, section 5)."""
        return base64.urlsafe_b64encode(self.material).decode()


@dataclass(frozen=True)
class Ring:
    """A set of keys: the first encrypts, all decrypt. `place` is their source, for messages."""

    keys: tuple[Key, ...]
    place: str

    @property
    def first(self) -> Key:
        """Return the key that encrypts."""
        return self.keys[0]

    def key(self, key_id: bytes) -> Key | None:
        """Return the key with that id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)


def new() -> Key:
    """Create a random key."""
    return Key(secrets.token_bytes(SIZE))


def parse(text: str) -> tuple[Key, ...]:
    """Parse keys separated by commas or lines, at least one. Raises ValueError, which quotes none."""
    keys = tuple(_key(word) for word in text.replace(",", "\n").split())
    if not keys or len({key.id for key in keys}) < len(keys):
        raise ValueError
    return keys


def load(file: Path, setting: str = "") -> Ring | None:
    """Load the keys from the setting or the file; None if there is no file. Raises KeyFileExposed, KeyFileUnusable."""
    if setting:
        return Ring(parse(setting), SETTING)
    try:
        text = _read(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file, error) from None
    try:
        return Ring(parse(text), str(file))
    except ValueError:
        raise KeyFileUnusable(file, "it does not contain keys") from None


def make(file: Path) -> None:
    """Write a file with one new key. If another process was faster, its file stays."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(file, (new(),))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync(file.parent)
    except OSError as error:
        raise _unusable(file, error) from None


def write(file: Path, keys: tuple[Key, ...]) -> None:
    """Replace the file atomically: a reader sees the old keys or the new ones. Raises KeyFileUnusable."""
    try:
        _draft(file, keys).replace(file)
        _sync(file.parent)
    except OSError as error:
        raise _unusable(file, error) from None


def _key(word: str) -> Key:
    try:
        material = base64.b64decode(word, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError from None
    if len(material) != SIZE:
        raise ValueError
    return Key(material)


def _read(file: Path) -> str:
    """Read through one descriptor, so that the file that is checked is the one that is read."""
    with file.open("rb") as handle:
        if stat.S_IMODE(os.fstat(handle.fileno()).st_mode) & OTHERS:
            raise KeyFileExposed(file)
        return handle.read().decode("ascii", errors="replace")


def _draft(file: Path, keys: tuple[Key, ...]) -> Path:
    """Write a copy that is on disk before it counts: a lost key loses everything it encrypted."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write("".join(f"{key.line()}\n" for key in keys))
        handle.flush()
        os.fsync(handle.fileno())
    return draft


def _sync(folder: Path) -> None:
    """Sync the folder: only then is a new name on disk (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(file: Path, error: OSError) -> KeyFileUnusable:
    return KeyFileUnusable(file, error.strerror or type(error).__name__)
