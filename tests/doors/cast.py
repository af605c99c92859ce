"""The people who try the doors, and the things behind them: a household with its owner's chat, and a stranger."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken as AppToken
from oauth2_provider.models import Application, set_token_value

from accounts.identity import tokens
from accounts.identity.login_sessions import digest_of
from accounts.models import AccessToken, ConnectedApp, Grant, User, Visit
from accounts.oauth import bearer, connected_apps
from accounts.oauth.resources import API, MCP, Resource
from accounts.oauth.scopes import SCOPES
from chat.models import Conversation, Message, Run, RunEvent
from chat.parts import Text
from tests.client import Client
from tests.people import move_in, session_of

ACTORS = (
    "anonymous",
    "stranger",
    "viewer",
    "owner",
    "operator",
    "suspended",
    "other tenant",
    "whole token",
    "expired token",
    "narrow token",
    "app",
    "app elsewhere",
)
FINAL = (
    '{"status":"complete","seq":2,"message_id":"x","finish_reason":"stop","usage":{},"models":[],"citations":[],"artifacts":[]}'
)


@dataclass(frozen=True)
class Scene:
    """One chat with one finished answer, and a client for everyone who tries to reach it."""

    base_url: str
    clients: dict[str, Client]
    names: dict[str, str]  # what stands for the names in an address


@transaction.atomic
def scene(base_url: str) -> Scene:
    """A new one: what a door does to it, no other door sees."""
    neighbours = move_in()
    owner = neighbours.alice
    people = {"owner": owner, "viewer": neighbours.bob, "other tenant": neighbours.charlie}
    people |= {name: _person(owner, **fields) for name, fields in EXTRAS.items()}
    clients = {name: Client(base_url, session_of(person)) for name, person in people.items()}
    User.objects.filter(pk=people["suspended"].pk).update(is_active=False)
    clients |= {"anonymous": _nobody(base_url), **_token_clients(base_url, owner)}
    return Scene(base_url, clients, _things(owner, readers=(people["viewer"], people["suspended"])))


EXTRAS: dict[str, dict[str, Any]] = {"stranger": {}, "operator": {"is_staff": True}, "suspended": {}}


def _person(neighbour: User, **fields: Any) -> User:
    return User.objects.create_user(f"{secrets.token_hex(6)}@example.test", tenant=neighbour.tenant, **fields)


def _nobody(base_url: str) -> Client:
    client = Client(base_url, "")
    client.headers = {"Cookie": f"galaxy_csrf={'c' * 32}", "X-CSRFToken": "c" * 32, "Origin": base_url}
    return client


def _token_clients(base_url: str, owner: User) -> dict[str, Client]:
    found = {}
    for name, scopes in (("whole token", list(SCOPES)), ("expired token", list(SCOPES)), ("narrow token", ["tools:list"])):
        token, text = tokens.issue(owner, name, scopes, timezone.now() + timedelta(hours=1))
        if name == "expired token":
            AccessToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
        found[name] = Client.with_token(base_url, text)
    return found | {"app": _app_client(base_url, owner, API), "app elsewhere": _app_client(base_url, owner, MCP)}


def _app_client(base_url: str, owner: User, resource: Resource) -> Client:
    """An app that the owner let in, with a token for the resource."""
    app = Application.objects.create(
        client_type="public", authorization_grant_type="authorization-code", redirect_uris="http://127.0.0.1/callback"
    )
    connected_apps.connect(owner, app)
    text, soon = bearer.new_access_token(None), timezone.now() + timedelta(hours=1)
    token = AppToken(user=owner, application=app, scope=" ".join(SCOPES), expires=soon, resource=[resource.address])
    set_token_value(token, text)
    token.save()
    return Client.with_token(base_url, text)


def _things(owner: User, readers: tuple[User, ...]) -> dict[str, str]:
    conversation = Conversation.objects.create(tenant=owner.tenant, owner=owner, title="Behind the door", model="Stand-in")
    question = Message.objects.create(conversation=conversation, role="user", parts=[Text("[[tokens=2]]")])
    answer = Message.objects.create(
        conversation=conversation, role="assistant", parent=question, parts=[Text("so")], model="Stand-in"
    )
    run = Run.objects.create(conversation=conversation, answer=answer, person=owner, model="Stand-in", status="stopped")
    RunEvent.objects.create(run=run, first=2, last=2, frames=FINAL)
    Conversation.objects.filter(pk=conversation.pk).update(leaf=answer)
    for reader in readers:
        Grant.objects.create(
            tenant=owner.tenant, person=reader, action="read", kind="conversation", target=str(conversation.pk)
        )
    token = AccessToken.objects.filter(person=owner, name="narrow token").latest("created_at")
    visit = Visit.objects.create(
        person=owner, session=digest_of(session_of(owner)), how="password", client="Firefox", address="::1"
    )
    return {
        "conversation_id": str(conversation.pk),
        "message_id": str(answer.pk),
        "run_id": str(run.pk),
        "name": "a-secret",
        "model": "Stand-in",
        "token_id": str(token.pk),
        "visit_id": str(visit.pk),
        "client_id": ConnectedApp.objects.filter(person=owner).latest("created_at").application.client_id,
    }
