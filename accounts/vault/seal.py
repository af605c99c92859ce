"""Encryption of a secret for its row: AES-256-GCM (NIST SP 800-38D) with the row's identity as associated data.

1 byte   version, 1
8 bytes  id of the key
12 bytes nonce, random: good for 2^32 encryptions per key (SP 800-38D, 8.3)
n bytes  the ciphertext and 16 bytes of tag
"""

import secrets
from dataclasses import astuple, dataclass
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.vault.errors import KeyMissing, Tampered
from accounts.vault.keys import ID_SIZE, Ring

VERSION = b"\x01"
NONCE_SIZE = 12
HEAD_SIZE = len(VERSION) + ID_SIZE


@dataclass(frozen=True)
class Row:
    """The row that an encrypted text belongs to. It cannot be decrypted in any other row, so swapping rows gains nothing."""

    id: UUID
    tenant: UUID
    owner: UUID | None
    name: str

    def encoded(self) -> bytes:
        """Return the same bytes for the same row, and for no other."""
        return msgspec.json.encode(astuple(self))


def seal(ring: Ring, row: Row, value: str) -> bytes:
    """Encrypt the value for that row with the ring's first key."""
    head, nonce = VERSION + ring.first.id, secrets.token_bytes(NONCE_SIZE)
    return head + nonce + AESGCM(ring.first.material).encrypt(nonce, value.encode(), head + row.encoded())


def unseal(ring: Ring, row: Row, sealed: bytes) -> str:
    """Decrypt the value. Raises KeyMissing if the ring lacks the key, Tampered if the text is not that row's."""
    head, nonce, rest = sealed[:HEAD_SIZE], sealed[HEAD_SIZE : HEAD_SIZE + NONCE_SIZE], sealed[HEAD_SIZE + NONCE_SIZE :]
    if head[:1] != VERSION or len(nonce) < NONCE_SIZE:
        raise Tampered
    key = ring.key(key_id(sealed))
    if key is None:
        raise KeyMissing(key_id(sealed).hex(), ring.place)
    try:
        return AESGCM(key.material).decrypt(nonce, rest, head + row.encoded()).decode()
    except (InvalidTag, UnicodeDecodeError):
        raise Tampered from None


def key_id(sealed: bytes) -> bytes:
    """Return the id of the key that encrypted it."""
    return sealed[len(VERSION) : HEAD_SIZE]
