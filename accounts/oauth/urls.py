"""The addresses of the authorization server. The toolkit looks them up by these names, in a namespace of this name."""

from django.conf import settings
from django.urls import path

from accounts.oauth import endpoints, metadata
from accounts.oauth.consent import Consent

app_name = "oauth2_provider"
SERVER = ".well-known/oauth-authorization-server"
RESOURCE = ".well-known/oauth-protected-resource"
urlpatterns = [
    path("oauth/authorize", Consent.as_view(), name="authorize"),
    path("oauth/token", endpoints.Token.as_view(), name="token"),
    path("oauth/revoke", endpoints.Revoke.as_view(), name="revoke-token"),
    path(SERVER, metadata.server, name="oauth-server-metadata"),
    path(f"{SERVER}/<path:path>", metadata.server),
    path(RESOURCE, metadata.protected_resource, name="oauth-resource-metadata"),
    path(f"{RESOURCE}/<path:path>", metadata.protected_resource),
]
if settings.OAUTH2_PROVIDER["DCR_ENABLED"]:
    urlpatterns.append(path("oauth/register", endpoints.Register.as_view(), name="dcr-register"))
