"""The addresses of the authorization server. The toolkit looks them up by these names, in a namespace of this name."""

from django.conf import settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.late import late

app_name = "oauth2_provider"
SERVER = ".well-known/oauth-authorization-server"
RESOURCE = ".well-known/oauth-protected-resource"
server, resource = late("accounts.oauth.metadata.server"), late("accounts.oauth.metadata.protected_resource")
urlpatterns = [
    path("oauth/authorize", late("accounts.oauth.consent.Consent"), name="authorize"),
    path("oauth/token", csrf_exempt(late("accounts.oauth.endpoints.token")), name="token"),
    path("oauth/revoke", csrf_exempt(late("accounts.oauth.endpoints.revoke")), name="revoke-token"),
    path("mcp", csrf_exempt(late("accounts.oauth.mcp.door")), name="mcp"),
    path(SERVER, server, name="oauth-server-metadata"),
    path(f"{SERVER}/<path:path>", server),
    path(RESOURCE, resource, name="oauth-resource-metadata"),
    path(f"{RESOURCE}/<path:path>", resource),
]
if settings.OAUTH2_PROVIDER["DCR_ENABLED"]:
    urlpatterns.append(path("oauth/register", csrf_exempt(late("accounts.oauth.endpoints.register")), name="dcr-register"))
