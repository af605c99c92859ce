"""Connected apps: the apps a person connected through OAuth, their permissions, and disconnecting them."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts.access import rights_changes
from accounts.models import ConnectedApp, User
from accounts.oauth import ledger
from accounts.oauth.scopes import SCOPES

OPERATOR = "the operator of this server"


class App(NamedTuple):
    """An app of one person. `host` vouches for its name: the site of its client id; empty if there is none."""

    client_id: str
    name: str
    host: str
    scopes: list[str]
    resources: list[str]
    since: datetime
    last_used_at: datetime | None

    @property
    def permissions(self) -> list[str]:
        """Its permissions in words."""
        return [words for scope, words in SCOPES.items() if scope in self.scopes]


def voucher_of(application: Any) -> str:
    """Say who vouches for the app's name: its client id's site, or the operator who added it; empty if no one does."""
    by_hand = application.registration_source == Application.RegistrationSource.MANUAL
    return host_of(application.client_id) or (OPERATOR if by_hand else "")


def host_of(client_id: str) -> str:
    """Return the site of a client id; empty if it is not an address."""
    return urlsplit(client_id).netloc if client_id.startswith("https://") else ""


def of(person: User) -> list[App]:
    """List the person's apps that have usable tokens, newest first."""
    tokens = defaultdict(list)
    for refresh in _alive(person):
        tokens[refresh.application_id].append(refresh.access_token)
    kept = ConnectedApp.objects.filter(person=person, application__in=tokens).select_related("application")
    return [_app(one, tokens[one.application_id]) for one in kept.order_by("-created_at")]


def connect(person: User, application: Any) -> None:
    """Record that the person connected the app. Its tokens carry its permissions."""
    ConnectedApp.objects.get_or_create(person=person, application=application)


def hold(person: User, application: Any) -> bool:
    """Check that the app is connected, and keep it connected until the transaction ends."""
    return ConnectedApp.objects.select_for_update().filter(person=person, application=application).exists()


@transaction.atomic
def revoke(person: User, client_id: str) -> bool:
    """Disconnect the app: all of its tokens stop working. Return False if the person has no such app."""
    held = ConnectedApp.objects.select_for_update(of=("self",)).select_related("application")
    kept = held.filter(person=person, application__client_id=client_id).first()
    if kept is None:
        return False
    theirs = {"user": person, "application": kept.application}
    Grant.objects.filter(**theirs).delete()
    AccessToken.objects.filter(**theirs).delete()
    RefreshToken.objects.filter(**theirs, revoked=None).update(revoked=timezone.now())
    kept.delete()
    ledger.note("app.disconnected", kept.application, person)
    rights_changes.publish(person.pk)
    return True


def _alive(person: User) -> Any:
    """Select refresh tokens that are still usable: they expire some time after their access token."""
    lives = timedelta(seconds=settings.OAUTH2_PROVIDER["REFRESH_TOKEN_EXPIRE_SECONDS"])
    kept = RefreshToken.objects.filter(user=person, revoked=None, access_token__expires__gt=timezone.now() - lives)
    return kept.select_related("access_token")


def _app(kept: ConnectedApp, tokens: list[Any]) -> App:
    application = kept.application
    host = voucher_of(application)
    scopes = sorted({scope for token in tokens for scope in token.scope.split()})
    resources = sorted({address for token in tokens for address in token.resource})
    name = application.name or host or application.client_id
    return App(application.client_id, name, host, scopes, resources, kept.created_at, kept.last_used_at)
