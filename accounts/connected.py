"""Connected apps: which programs a person let in by OAuth, what these may do, and how they are sent away again."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts import live
from accounts.models import ConnectedApp, User
from accounts.oauth import ledger
from accounts.scopes import SCOPES

OPERATOR = "whoever runs this server"


class App(NamedTuple):
    """An app of one person. `host` is who vouches for the name: the site that its client id is on; empty when none does."""

    client_id: str
    name: str
    host: str
    scopes: list[str]
    resources: list[str]
    since: datetime
    last_used_at: datetime | None

    @property
    def permissions(self) -> list[str]:
        """What it may, in words."""
        return [words for scope, words in SCOPES.items() if scope in self.scopes]


def voucher_of(application: Any) -> str:
    """Who vouches for the app's name: its client id's site, or the operator who set it up by hand; empty when nobody does."""
    by_hand = application.registration_source == Application.RegistrationSource.MANUAL
    return host_of(application.client_id) or (OPERATOR if by_hand else "")


def host_of(client_id: str) -> str:
    """The site that a client id is an address on; empty for one that is no address."""
    return urlsplit(client_id).netloc if client_id.startswith("https://") else ""


def of(person: User) -> list[App]:
    """The person's apps that can still do something, the newest first."""
    tokens = defaultdict(list)
    for refresh in _alive(person):
        tokens[refresh.application_id].append(refresh.access_token)
    kept = ConnectedApp.objects.filter(person=person, application__in=tokens).select_related("application")
    return [_app(one, tokens[one.application_id]) for one in kept.order_by("-created_at")]


def connect(person: User, application: Any) -> None:
    """Remember that the person wants the app. What it may do is told by its tokens."""
    ConnectedApp.objects.get_or_create(person=person, application=application)


def hold(person: User, application: Any) -> bool:
    """Whether the app is connected; until the transaction ends, nobody disconnects it."""
    return ConnectedApp.objects.select_for_update().filter(person=person, application=application).exists()


@transaction.atomic
def revoke(person: User, client_id: str) -> bool:
    """Disconnect the app: none of its tokens works any more. False where the person has no such app."""
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
    live.tell(person.pk)
    return True


def _alive(person: User) -> Any:
    """Refresh tokens that can still be used: they end some time after the access token beside them."""
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
