"""An app that someone has let in, made without its own steps (those are in tests/accounts/oauth)."""

from datetime import timedelta

from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken, set_token_value

from accounts.models import User
from accounts.oauth import bearer, connected_apps
from accounts.oauth.resources import API


def let_in(person: User, client_id: str, name: str, *scopes: str, made_by: User | None = None) -> Application:
    """The app, with tokens of the person's that can still be used."""
    kind = {"client_type": "public", "authorization_grant_type": "authorization-code", "redirect_uris": "http://127.0.0.1/back"}
    app = Application.objects.create(client_id=client_id, name=name, user=made_by, **kind)
    connected_apps.connect(person, app)
    token = AccessToken(user=person, application=app, scope=" ".join(scopes), expires=timezone.now() + timedelta(hours=1))
    token.resource = [API.address]
    set_token_value(token, bearer.new_access_token(None))
    token.save()
    refresh = RefreshToken(user=person, application=app, access_token=token)
    set_token_value(refresh, bearer.new_access_token(None))
    refresh.save()
    return app
