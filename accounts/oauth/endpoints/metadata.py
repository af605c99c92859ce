"""Metadata for discovery: the authorization server (RFC 8414) and its protected resources (RFC 9728)."""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from oauth2_provider.views import OAuthServerMetadataView

from accounts.oauth import resources

_server = OAuthServerMetadataView.as_view()
FOR_EVERY_PAGE = {"Access-Control-Allow-Origin": "*"}


@require_safe
def server(request: HttpRequest, path: str = "") -> JsonResponse:
    """Describe the authorization server, which is the same for each resource."""
    _resource(path)
    answer: JsonResponse = _server(request)
    answer.content = json.dumps(json.loads(answer.content) | {"response_modes_supported": ["query"]}).encode()
    return answer


@require_safe
def protected_resource(_request: HttpRequest, path: str = "") -> JsonResponse:
    """Describe a resource; without a path the one for MCP, where older clients look for it."""
    resource = _resource(path)
    body = {
        "resource": resource.address,
        "authorization_servers": [settings.PUBLIC_URL],
        "scopes_supported": list(resource.scopes),
        "bearer_methods_supported": ["header"],
        "resource_name": settings.APP_NAME,
    }
    return JsonResponse(body, headers=FOR_EVERY_PAGE)


def _resource(path: str) -> resources.Resource:
    found = {f"{resource.path}"[1:]: resource for resource in resources.ALL} | {"": resources.MCP}
    if path not in found:
        raise Http404
    return found[path]
