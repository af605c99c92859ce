"""Families: all tokens that descend from one code. A code or token that is used twice revokes its whole family.

A family's id is computed from its code, so that a spent code can still be traced to its tokens (RFC 6749, section 4.1.2: a
second use SHOULD revoke the tokens of the first). Changes to a family happen under its lock: otherwise two parallel requests
could both spend a token, or one could add to a family while the other revokes it.
"""

import hashlib
from typing import Any
from uuid import UUID

from django.db import connection
from oauth2_provider.models import AccessToken, RefreshToken

from accounts.oauth.bearer import digest_of


def of_code(code: str) -> UUID:
    """Compute the family that a code starts."""
    return UUID(bytes=hashlib.sha256(b"family:" + code.encode()).digest()[:16])


def of_refresh_token(text: str) -> UUID | None:
    """Return the family of a refresh token, spent or not; None if it is unknown."""
    kept = RefreshToken.objects.filter(token_checksum=digest_of(text))
    found: UUID | None = kept.values_list("token_family", flat=True).first()
    return found


def of_token(text: str, application: Any) -> UUID | None:
    """Return the family of an app's access or refresh token; None if it is unknown or another app's."""
    digest = digest_of(text)
    refresh = RefreshToken.objects.filter(application=application)
    access = AccessToken.objects.filter(application=application, token_checksum=digest).values("pk")
    found: UUID | None = (
        refresh.filter(token_checksum=digest).values_list("token_family", flat=True).first()
        or refresh.filter(access_token__in=access).values_list("token_family", flat=True).first()
    )
    return found


def lock(family: UUID) -> None:
    """Lock the family until the transaction ends."""
    number = int.from_bytes(family.bytes[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def person_of(family: UUID) -> Any | None:
    """Return the person of a family; None if it has no tokens."""
    found = RefreshToken.objects.filter(token_family=family).select_related("user").first()
    return found and found.user


def end(family: UUID) -> bool:
    """Revoke every token of the family. Return False if none was left."""
    is_alive: bool = RefreshToken.objects.filter(token_family=family, revoked=None).exists()
    RefreshToken.revoke_family(family)
    return is_alive
