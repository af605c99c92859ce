"""Sealing a secret to its row: AES-256-GCM (NIST SP 800-38D), the row's identity as associated data.

1 byte   version, 1
8 bytes  id of the key
12 bytes nonce, random: good for 2^32 seals a key (SP 800-38D, 8.3)
n bytes  what is sealed, and 16 of tag
"""

import secrets
from dataclasses import astuple, dataclass
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.sealing.errors import KeyMissing, Tampered
from accounts.sealing.keys import ID_SIZE, Ring

VERSION = b"\x01"
NONCE_SIZE = 12
HEAD_SIZE = len(VERSION) + ID_SIZE


@dataclass(frozen=True)
class Row:
    """What a sealed text belongs to. In any other row it does not open: nobody makes a key his own by a change of rows."""

    id: UUID
    tenant: UUID
    owner: UUID | None
    name: str

    def encoded(self) -> bytes:
        """The same bytes for the same row, and for no other."""
        return msgspec.json.encode(astuple(self))


def seal(ring: Ring, row: Row, value: str) -> bytes:
    """The value, for that row, by the ring's first key."""
    head, nonce = VERSION + ring.first.id, secrets.token_bytes(NONCE_SIZE)
    return head + nonce + AESGCM(ring.first.material).encrypt(nonce, value.encode(), head + row.encoded())


def unseal(ring: Ring, row: Row, sealed: bytes) -> str:
    """The value. Raises KeyMissing when the ring lacks the key, Tampered when the text is not that row's."""
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
    """The id of the key that sealed it."""
    return sealed[len(VERSION) : HEAD_SIZE]
