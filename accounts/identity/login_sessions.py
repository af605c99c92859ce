"""Login sessions of people. Ending one closes everything it opened within a second or two."""

import hashlib
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Func, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit.actor import client_of
from accounts.limits import attempts
from accounts.models import Session, User, Visit

SEEN_EVERY = 300.0
MOST_KNOWN = 10_000
TOLD_FOR = timedelta(days=14)  # later, the sign-in page no longer explains why a session ended
DIGEST = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"  # Django's own needs an extension (pgcrypto)

_seen: dict[str, float] = {}


def digest_of(session_key: str | None) -> str:
    """Compute the value a session is found by. The key itself is a secret and is not stored a second time."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


def begin(request: HttpRequest, person: User, how: str) -> Visit:
    """Record that the person signed in with this request's session."""
    scope = getattr(request, "scope", {"headers": ()})
    if request.session.session_key is None:
        request.session.create()
    return Visit.objects.create(
        person=person,
        session=digest_of(request.session.session_key),
        how=how,
        client=client_of(scope).partition(" ")[2],
        address=attempts.address_of(scope),
    )


def current(request: HttpRequest) -> Visit | None:
    """Return the login session of this request."""
    return Visit.objects.filter(session=digest_of(request.session.session_key)).first()


def open_of(person: User) -> QuerySet[Visit]:
    """List the person's open login sessions, most recently used first."""
    living = _sessions(person).filter(expire_date__gt=timezone.now()).values("digest")
    return Visit.objects.filter(person=person, session__in=living)


def is_known(email: str, address: str) -> bool:
    """Check whether the person with that email address has signed in from there before."""
    return Visit.objects.filter(person__email=email.strip().lower(), address=address).exists()


def end(person: User, visit_id: UUID) -> bool:
    """End one of the person's login sessions. Return False if they have none with that id."""
    digest = open_of(person).filter(pk=visit_id).values_list("session", flat=True).first()
    return bool(digest and _sessions(person).filter(digest=digest).delete()[0])


def end_others(person: User, keep: str | None = None) -> int:
    """End all of the person's login sessions except the one with that key; return their number."""
    others = [digest for digest in open_of(person).values_list("session", flat=True) if digest != digest_of(keep)]
    return _sessions(person).filter(digest__in=others).delete()[0]


def end_all(person_id: UUID) -> int:
    """End every session of the person, listed or not; return their number."""
    return Session.objects.filter(person_id=person_id).delete()[0]


def has_ended(session_key: str) -> UUID | None:
    """Record that the session has ended; return the id of its person."""
    visit = Visit.objects.filter(session=digest_of(session_key)).first()
    if visit is None:
        return None
    Visit.objects.filter(pk=visit.pk).update(ended_at=timezone.now())
    return visit.person_id


def ending_of(session_key: str | None) -> str:
    """Say why this key's session is over: "suspended", "expired" or "ended"; empty if it is open or never existed.

    Holding the key proves identity; nothing is revealed about other people.
    """
    visit = Visit.objects.filter(session=digest_of(session_key)).select_related("person").first() if session_key else None
    if visit is None or (visit.ended_at and visit.ended_at < timezone.now() - TOLD_FOR):
        return ""
    if not visit.person.is_active:  # their sessions may exist for a moment longer
        return "suspended"
    session = Session.objects.filter(pk=session_key).first()
    if session is None:
        return "ended"
    return "expired" if session.expire_date <= timezone.now() else ""


def has_moved(visit: Visit | None, request: HttpRequest) -> None:
    """Move the login session to a new session key, as after a change of password."""
    if visit is not None:
        Visit.objects.filter(pk=visit.pk).update(session=digest_of(request.session.session_key), ended_at=None)


def note_seen(session_key: str) -> None:
    """Record that the person is active. Written at most every few minutes: it is for people to read."""
    now = time.monotonic()
    if now - _seen.get(session_key, -SEEN_EVERY) < SEEN_EVERY:
        return
    if len(_seen) >= MOST_KNOWN:
        _seen.clear()
    _seen[session_key] = now
    Visit.objects.filter(session=digest_of(session_key)).update(seen_at=timezone.now())


def _sessions(person: User) -> "QuerySet[Any]":  # with a digest, which the stubs do not know
    digest = Func(F("session_key"), template=DIGEST, output_field=CharField())
    rows: QuerySet[Any] = Session.objects.filter(person_id=person.pk).annotate(digest=digest)
    return rows
