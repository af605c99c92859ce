"""Addresses of the authorization server, under the names and the namespace that the toolkit looks up."""

from django.conf import settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.doors.lazy_views import late

app_name = "oauth2_provider"
SERVER = ".well-known/oauth-authorization-server"
RESOURCE = ".well-known/oauth-protected-resource"
server, resource = (
    late("accounts.oauth.endpoints.metadata.server"),
    late("accounts.oauth.endpoints.metadata.protected_resource"),
)
urlpatterns = [
    path("oauth/authorize", late("accounts.oauth.endpoints.consent.Consent"), name="authorize"),
    path("oauth/token", csrf_exempt(late("accounts.oauth.endpoints.tokens.token")), name="token"),
    path("oauth/revoke", csrf_exempt(late("accounts.oauth.endpoints.tokens.revoke")), name="revoke-token"),
    path("mcp", csrf_exempt(late("accounts.doors.mcp.door")), name="mcp"),
    path(SERVER, server, name="oauth-server-metadata"),
    path(f"{SERVER}/<path:path>", server),
    path(RESOURCE, resource, name="oauth-resource-metadata"),
    path(f"{RESOURCE}/<path:path>", resource),
]
if settings.OAUTH2_PROVIDER["DCR_ENABLED"]:
    urlpatterns.append(
        path("oauth/register", csrf_exempt(late("accounts.oauth.endpoints.tokens.register")), name="dcr-register")
    )
