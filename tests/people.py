"""People for tests: alice and bob share a tenant, charlie is in another and must see nothing. All of them are new each time."""

import secrets
import time
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import Tenant, User


@dataclass(frozen=True)
class Neighbours:
    """The three, of one test."""

    alice: User
    bob: User
    charlie: User


def move_in() -> Neighbours:
    """Make the three."""
    mark = secrets.token_hex(4)
    home, elsewhere = (Tenant.objects.create(name=f"{name} {mark}") for name in ("Home", "Elsewhere"))
    tenants = {"alice": home, "bob": home, "charlie": elsewhere}
    people = {name: User.objects.create_user(f"{name}-{mark}@example.test", tenant=tenant) for name, tenant in tenants.items()}
    return Neighbours(**people)


def session_of(person: User, *, is_fresh: bool = False) -> str:
    """The cookie of a new session in which the person is signed in; `is_fresh`: and has just shown that it is them."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    if is_fresh:
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]  # allauth's
        session["account_authentication_methods_user"] = str(person.pk)
    session.create()
    return str(session.session_key)
