"""Personal access tokens: created, shown once, checked, revoked."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import AccessToken, User
from accounts.models.tokens import digest_of
from accounts.oauth import scopes

LONGEST_NAME = 80
USED_EVERY = timedelta(minutes=1)


class BadToken(ValueError):
    """A token cannot be created with these values; the message says why."""


def issue(person: User, name: str, wanted: list[str], expires_at: datetime | None) -> tuple[AccessToken, str]:
    """Create a token. Its text is returned now and never again. Raises BadToken."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadToken(f"Give the token a name of at most {LONGEST_NAME} characters.")
    if not wanted:
        raise BadToken("Choose at least one thing that the token is allowed to do.")
    if wrong := scopes.unknown(wanted):
        raise BadToken(f"There is no scope called {wrong[0]!r}.")
    if expires_at and expires_at <= timezone.now():
        raise BadToken("The token would already have expired. Choose a later date.")
    made, text = AccessToken.issue(person, name.strip(), sorted(set(wanted)), expires_at)
    audit.record("token.issued", "token", made.pk, name=made.name, scopes=made.scopes, ends=expires_at)
    return made, text


def valid(text: str) -> AccessToken | None:
    """Return the token with this text and its person; None if it is unknown, revoked, expired or its person suspended."""
    now = timezone.now()
    current = Q(expires_at=None) | Q(expires_at__gt=now)
    usable = AccessToken.objects.filter(current, digest=digest_of(text), revoked_at=None, person__is_active=True)
    found = usable.select_related("person").first() if text.startswith(AccessToken.PREFIX) else None
    if found and (found.last_used_at is None or found.last_used_at < now - USED_EVERY):
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=now)  # not each time: it is for people to read
    return found


def of(person: User) -> QuerySet[AccessToken]:
    """List the person's tokens that are not revoked, newest first."""
    return AccessToken.objects.filter(person=person, revoked_at=None)


def revoke(person: User, token_id: UUID) -> bool:
    """Revoke the person's token. Return False if they have none with that id."""
    token = of(person).filter(pk=token_id).first()
    if token is None:
        return False
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record("token.revoked", "token", token.pk, name=token.name)
    return True
