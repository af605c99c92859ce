"""The tokens that apps show: how they are made, and which of them count."""

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
    """A token of 256 random bits, with a beginning by which scanners for leaked secrets know it."""
    return PREFIX + secrets.token_urlsafe(32)


def new_refresh_token(_request: Any, *_: Any, **__: Any) -> str:
    """The same, to be exchanged for the next access token."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def digest_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def valid(text: str, resource: str) -> Any | None:
    """The access token with this text, with its person, if it was issued for exactly this resource; None otherwise.

    The toolkit takes a token without resource for one that is good everywhere (`allows_audience`), and compares by the
    beginning of the address. Here neither is so.
    """
    found = _current(token_checksum=digest_of(text)).first() if text.startswith(PREFIX) and resource else None
    if found is None or found.resource != [resource]:
        return None
    now = timezone.now()
    if found.last_used is None or found.last_used < now - USED_EVERY:
        ConnectedApp.objects.filter(pk=found.connection).update(last_used_at=now)  # not each time: it is for people to read
    return found


def newest_of(family: UUID, resource: str) -> Any | None:
    """The family's token that can be used now, as `valid` gives it."""
    found = _current(refresh_token__token_family=family, refresh_token__revoked=None).order_by("-expires").first()
    return found if found and found.resource == [resource] else None


def _current(**which: Any) -> QuerySet[Any]:
    """By one query: the tokens that are not over, their person not suspended, and their app still connected."""
    kept = ConnectedApp.objects.filter(person=OuterRef("user"), application=OuterRef("application"))
    current = AccessToken.objects.filter(expires__gt=timezone.now(), user__is_active=True, **which)
    known = current.annotate(
        connection=Subquery(kept.values("pk")),
        last_used=Subquery(kept.values("last_used_at")),
        token_family=F("refresh_token__token_family"),
    )
    return known.exclude(connection=None).select_related("user")  # type: ignore[no-any-return]  # the toolkit has no types
