"""Who is signed in where. Ending a visit ends its session, and what it holds open, within a second or two."""

import hashlib
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Func, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import throttle
from accounts.audit.actor import client_of
from accounts.models import Session, User, Visit

SEEN_EVERY = 300.0
MOST_KNOWN = 10_000
TOLD_FOR = timedelta(days=14)  # after that, nobody is told any more why their visit ended
DIGEST = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"  # Django's own needs an extension (pgcrypto)

_seen: dict[str, float] = {}


def digest_of(session_key: str | None) -> str:
    """What a visit is found by. The key itself is a secret: it stands in no second table."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()


def begin(request: HttpRequest, person: User, how: str) -> Visit:
    """Write down that the person came in with this request's session."""
    scope = getattr(request, "scope", {"headers": ()})
    if request.session.session_key is None:
        request.session.create()
    return Visit.objects.create(
        person=person,
        session=digest_of(request.session.session_key),
        how=how,
        client=client_of(scope).partition(" ")[2],
        address=throttle.address_of(scope),
    )


def current(request: HttpRequest) -> Visit | None:
    """The visit that this request belongs to."""
    return Visit.objects.filter(session=digest_of(request.session.session_key)).first()


def open_of(person: User) -> QuerySet[Visit]:
    """Where the person is signed in, the latest seen first."""
    living = _sessions(person).filter(expire_date__gt=timezone.now()).values("digest")
    return Visit.objects.filter(person=person, session__in=living)


def is_known(email: str, address: str) -> bool:
    """Whether the person with that e-mail address has come in from there before."""
    return Visit.objects.filter(person__email=email.strip().lower(), address=address).exists()


def end(person: User, visit_id: UUID) -> bool:
    """End one of the person's visits. False where they have none of that id."""
    digest = open_of(person).filter(pk=visit_id).values_list("session", flat=True).first()
    return bool(digest and _sessions(person).filter(digest=digest).delete()[0])


def end_others(person: User, keep: str | None = None) -> int:
    """End all of the person's visits but the one with that session; gives how many they were."""
    others = [digest for digest in open_of(person).values_list("session", flat=True) if digest != digest_of(keep)]
    return _sessions(person).filter(digest__in=others).delete()[0]


def end_all(person_id: UUID) -> int:
    """End every session of the person, also one that is in no list; gives how many they were."""
    return Session.objects.filter(person_id=person_id).delete()[0]


def has_ended(session_key: str) -> UUID | None:
    """Write down that the session is over; gives whose it was."""
    visit = Visit.objects.filter(session=digest_of(session_key)).first()
    if visit is None:
        return None
    Visit.objects.filter(pk=visit.pk).update(ended_at=timezone.now())
    return visit.person_id


def ending_of(session_key: str | None) -> str:
    """Why no session has this key any more: "suspended", "expired" or "ended"; empty where one has it, or none ever had.

    Who shows a key was that person: of anybody else nothing is told, whoever is asked about.
    """
    visit = Visit.objects.filter(session=digest_of(session_key)).select_related("person").first() if session_key else None
    if visit is None or (visit.ended_at and visit.ended_at < timezone.now() - TOLD_FOR):
        return ""
    if not visit.person.is_active:  # their sessions may be there for a moment more
        return "suspended"
    session = Session.objects.filter(pk=session_key).first()
    if session is None:
        return "ended"
    return "expired" if session.expire_date <= timezone.now() else ""


def has_moved(visit: Visit | None, request: HttpRequest) -> None:
    """The visit goes on under another session key, as after a change of the password."""
    if visit is not None:
        Visit.objects.filter(pk=visit.pk).update(session=digest_of(request.session.session_key), ended_at=None)


def note_seen(session_key: str) -> None:
    """The person is there. Written at most every few minutes: it is for people to read."""
    now = time.monotonic()
    if now - _seen.get(session_key, -SEEN_EVERY) < SEEN_EVERY:
        return
    if len(_seen) >= MOST_KNOWN:
        _seen.clear()
    _seen[session_key] = now
    Visit.objects.filter(session=digest_of(session_key)).update(seen_at=timezone.now())


def _sessions(person: User) -> "QuerySet[Any]":  # with a digest, of which the stubs do not know
    digest = Func(F("session_key"), template=DIGEST, output_field=CharField())
    rows: QuerySet[Any] = Session.objects.filter(person_id=person.pk).annotate(digest=digest)
    return rows
