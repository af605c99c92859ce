"""Seals the seeds of second factors before they are kept: who reads the database alone cannot make codes.

For now with a key of its own derived from SECRET_KEY (HKDF, RFC 5869); the vault takes this place, here and nowhere else.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"galaxy second factor"


class CannotOpen(Exception):
    """What was sealed with another SECRET_KEY, or changed since, cannot be opened."""


def sealed(text: str) -> str:
    """The text, for the database."""
    return _box().encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """What was sealed. Raises CannotOpen."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("A second factor was sealed with another SECRET_KEY, or changed since.") from error


@cache
def _box() -> Fernet:
    key = HKDF(hashes.SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
