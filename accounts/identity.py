"""Who is behind a request or a socket: the one place that turns credentials of every kind into a person and their scopes."""

import math
import time
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from accounts import credentials, people, tokens, visits
from accounts.audit.actor import Actor, client_of
from accounts.connections import in_database
from accounts.credentials import Credentials
from accounts.models import User
from accounts.oauth import bearer, resources

Via = Literal["session", "proxy", "token", "oauth", "test"]


class Caller(NamedTuple):
    """A person, and the credential they came by. `scopes` is None for one that carries all of the person's rights.

    `until` is when the credential ends, in seconds since 1970, where that is known; `family` joins an app's tokens.
    """

    person: User
    via: Via
    scopes: frozenset[str] | None = None
    credential: str = ""
    until: float = math.inf
    family: UUID | None = None

    @property
    def is_ambient(self) -> bool:
        """Whether a browser sends the credential by itself, whatever page asks: then the page must show that it is ours."""
        return self.via in {"session", "proxy", "test"}

    def actor(self, scope: Mapping[str, Any]) -> Actor:
        """The caller as the audit names who acts, through an ASGI scope."""
        via = f"{self.via} {self.credential}".strip()
        token_id = UUID(self.credential) if self.via == "token" else None
        return Actor(self.person.tenant_id, self.person.pk, via, client_of(scope), token_id=token_id)

    def has(self, scope: str) -> bool:
        """Whether the credential reaches so far. Whether the person does is for `accounts.access`."""
        return self.scopes is None or scope in self.scopes


async def caller_of(scope: Mapping[str, Any]) -> Caller | None:
    """The active person of an ASGI scope, as of now: ask again before each action. None for nobody.

    An OAuth token must have been issued for the resource that the scope's path belongs to (RFC 8707); elsewhere none is taken.
    """
    shown = credentials.of_scope(scope)
    asked = resources.at(scope["path"])
    caller = None if shown.are_none else await in_database(resolve, shown, asked.address if asked else "")
    is_of_anybody = settings.TEST_MODE and shown.bearer is None and shown.proxied is None
    return await in_database(_tester) if caller is None and is_of_anybody else caller


async def still(scope: Mapping[str, Any], held: Caller) -> Caller | None:
    """Who holds open what `held` opened, as of now; asked as `caller_of` is.

    An app that refreshes its token while something is open keeps it, with the new token's rights, until the old one's own end.
    """
    if time.time() >= held.until:
        return None
    caller = await caller_of(scope)
    if caller is None and held.family is not None:
        return await in_database(_refreshed, held.family, resources.at(scope["path"]), held.until)
    return caller


def resolve(shown: Credentials, resource: str = "") -> Caller | None:
    """Whose credentials these are. A bearer token that is not valid is nobody, whatever else is shown beside it."""
    if shown.bearer is not None:
        return _of_bearer(shown.bearer, resource)
    if shown.proxied is not None:
        email, until = shown.proxied
        person = people.known_by_proxy(email) if time.time() < until else None
        return Caller(person, "proxy", until=until) if person else None
    return _of_session(shown.session_key or "")


def _tester() -> Caller:
    """With `TEST_MODE`, whoever shows nothing of their own, from the first request on and at every door."""
    return Caller(people.find_or_make(settings.TEST_EMAIL), "test")


def _of_bearer(text: str, resource: str) -> Caller | None:
    if found := tokens.valid(text):
        until = found.expires_at.timestamp() if found.expires_at else math.inf
        return Caller(found.person, "token", frozenset(found.scopes), str(found.pk), until)
    of_app = bearer.valid(text, resource)
    return _of_app(of_app) if of_app else None


def _refreshed(family: UUID, resource: resources.Resource | None, until: float) -> Caller | None:
    newest = bearer.newest_of(family, resource.address if resource else "")
    return _of_app(newest)._replace(until=until) if newest else None


def _of_app(token: Any) -> Caller:
    return Caller(
        token.user, "oauth", frozenset(token.scope.split()), str(token.pk), token.expires.timestamp(), token.token_family
    )


def _of_session(session_key: str) -> Caller | None:
    """Django's own check of a session, which also refuses one from before the person's password changed."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    person = get_user(request)
    if not isinstance(person, User) or not person.is_active:
        return None
    visits.note_seen(session_key)
    return Caller(person, "session")
