"""Encryption of second factors' seeds: access to the database alone is not enough to compute codes.

The key is derived from SECRET_KEY (HKDF, RFC 5869) for now; the vault can replace it, in this module alone.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"galaxy second factor"


class CannotOpen(Exception):
    """The text was encrypted with another SECRET_KEY or changed since."""


def sealed(text: str) -> str:
    """Encrypt a text for the database."""
    return _box().encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """Decrypt a text. Raises CannotOpen."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("A second factor was encrypted with another SECRET_KEY or changed since.") from error


@cache
def _box() -> Fernet:
    key = HKDF(hashes.SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
