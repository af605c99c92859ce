"""The only place that turns credentials of any kind into a person and their scopes."""

import math
import time
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from accounts.audit.actor import Actor, client_of
from accounts.identity import credentials, login_sessions, tokens
from accounts.identity.credentials import Credentials
from accounts.models import User
from accounts.oauth import bearer, resources
from accounts.people import directory
from accounts.storage.connections import in_database

Via = Literal["session", "proxy", "token", "oauth", "test"]


class Caller(NamedTuple):
    """A person and the credential they used. `scopes` is None for a credential with all of the person's rights.

    `until` is the credential's expiry, in seconds since 1970, if known; `family` joins an app's tokens.
    """

    person: User
    via: Via
    scopes: frozenset[str] | None = None
    credential: str = ""
    until: float = math.inf
    family: UUID | None = None

    @property
    def is_ambient(self) -> bool:
        """Check that browsers send the credential by themselves; then the request must prove that it comes from our page."""
        return self.via in {"session", "proxy", "test"}

    def actor(self, scope: Mapping[str, Any]) -> Actor:
        """Return the caller as an actor for the audit, with the client from an ASGI scope."""
        via = f"{self.via} {self.credential}".strip()
        token_id = UUID(self.credential) if self.via == "token" else None
        return Actor(self.person.tenant_id, self.person.pk, via, client_of(scope), token_id=token_id)

    def has(self, scope: str) -> bool:
        """Check the credential's scopes. The person's rights are for `accounts.access`."""
        return self.scopes is None or scope in self.scopes


async def caller_of(scope: Mapping[str, Any]) -> Caller | None:
    """Return the active person behind an ASGI scope, or None. Ask again before each action.

    An OAuth token must have been issued for the resource that the path belongs to (RFC 8707); elsewhere none is accepted.
    """
    shown = credentials.of_scope(scope)
    asked = resources.at(scope["path"])
    caller = None if shown.are_none else await in_database(resolve, shown, asked.address if asked else "")
    is_of_anybody = settings.TEST_MODE and shown.bearer is None and shown.proxied is None
    return await in_database(_tester) if caller is None and is_of_anybody else caller


async def still(scope: Mapping[str, Any], held: Caller) -> Caller | None:
    """Return the caller of a connection that `held` opened, or None if the credential is no longer valid.

    An app that refreshes its token keeps its open connections, with the new token's rights, until the old token's expiry.
    """
    if time.time() >= held.until:
        return None
    caller = await caller_of(scope)
    if caller is None and held.family is not None:
        return await in_database(_refreshed, held.family, resources.at(scope["path"]), held.until)
    return caller


def resolve(shown: Credentials, resource: str = "") -> Caller | None:
    """Find the caller for these credentials. An invalid bearer token gives None, whatever else is sent with it."""
    if shown.bearer is not None:
        return _of_bearer(shown.bearer, resource)
    if shown.proxied is not None:
        email, until = shown.proxied
        person = directory.known_by_proxy(email) if time.time() < until else None
        return Caller(person, "proxy", until=until) if person else None
    return _of_session(shown.session_key or "")


def _tester() -> Caller:
    """Return the test person, who with `TEST_MODE` is everyone without credentials, everywhere."""
    return Caller(directory.find_or_make(settings.TEST_EMAIL), "test")


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
    """Let Django check the session, which also refuses one from before a change of password."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    person = get_user(request)
    if not isinstance(person, User) or not person.is_active:
        return None
    login_sessions.note_seen(session_key)
    return Caller(person, "session")
