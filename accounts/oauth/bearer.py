"""Tokens of apps: creating and validating them."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from oauth2_provider.models import AccessToken

from accounts.models import ConnectedApp

PREFIX = "gxy_oat_"
REFRESH_PREFIX = "gxy_ort_"
USED_EVERY = timedelta(minutes=1)


def new_access_token(_request: Any, *_: Any, **__: Any) -> str:
    """Create a token of 256 random bits, with a prefix that scanners for leaked secrets recognize."""
    return PREFIX + secrets.token_urlsafe(32)


def new_refresh_token(_request: Any, *_: Any, **__: Any) -> str:
    """Create a token that can be exchanged for the next access token."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    """Compute the stored digest of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def valid(text: str, resource: str) -> Any | None:
    """Return the valid access token with this text and its person, if it was issued for exactly this resource.

    The toolkit accepts a token without a resource everywhere (`allows_audience`) and compares the beginning of the address.
    Neither is acceptable here.
    """
    found = _current(token_checksum=digest_of(text)).first() if text.startswith(PREFIX) and resource else None
    if found is None or found.resource != [resource]:
        return None
    now = timezone.now()
    if found.last_used is None or found.last_used < now - USED_EVERY:
        ConnectedApp.objects.filter(pk=found.connection).update(last_used_at=now)  # not each time: it is for people to read
    return found


def newest_of(family: UUID, resource: str) -> Any | None:
    """Return the family's current token, as `valid` would."""
    found = _current(refresh_token__token_family=family, refresh_token__revoked=None).order_by("-expires").first()
    return found if found and found.resource == [resource] else None


def _current(**which: Any) -> QuerySet[Any]:
    """Select in one query unexpired tokens of people who are not suspended, whose app is still connected."""
    kept = ConnectedApp.objects.filter(person=OuterRef("user"), application=OuterRef("application"))
    current = AccessToken.objects.filter(expires__gt=timezone.now(), user__is_active=True, **which)
    known = current.annotate(
        connection=Subquery(kept.values("pk")),
        last_used=Subquery(kept.values("last_used_at")),
        token_family=F("refresh_token__token_family"),
    )
    return known.exclude(connection=None).select_related("user")  # type: ignore[no-any-return]  # the toolkit has no types
