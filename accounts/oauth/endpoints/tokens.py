"""The endpoints that apps call themselves: tokens (RFC 6749, 3.2), revocation (RFC 7009), registration (RFC 7591)."""

from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse, RawPostDataException
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauth2_provider.cimd import CIMDError
from oauth2_provider.models import Application
from oauth2_provider.views import RevokeTokenView, TokenView

from accounts.limits.attempts import address_of
from accounts.oauth import client_metadata, request_rate, token_families
from accounts.oauth.endpoints import cors, wire

MOST_REGISTRATIONS, AN_HOUR = 20, 3600


def refused(error: str, description: str, status: int = 400) -> JsonResponse:
    """Build an error as in RFC 6749, section 5.2."""
    body = {"error": error, "error_description": description}
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _objection(request: HttpRequest) -> JsonResponse | None:
    if why := wire.objection(request):
        return refused("invalid_request", why)
    if "Authorization" in request.headers:
        return refused("invalid_client", "Apps are public clients here: send client_id and no Authorization header.", 401)
    return None


class Token(TokenView):  # type: ignore[misc]  # the toolkit has no types
    """Exchanges a code or a refresh token, one request of a family at a time."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse other grants before the toolkit, which supports some of them and fails on others."""
        if objection := _objection(request):
            return objection
        grant = request.POST.get("grant_type")
        if grant not in client_metadata.GRANTS:
            error = "unsupported_grant_type" if grant else "invalid_request"
            return refused(error, "The grant_type must be authorization_code or refresh_token.")
        with transaction.atomic():
            if family := _family(request, grant):
                token_families.lock(family)
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"  # the toolkit omits it from some errors
        return answer


class Revoke(RevokeTokenView):  # type: ignore[misc]  # the toolkit has no types
    """Revokes a token's family for the app that has it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check the request, then revoke."""
        if objection := _objection(request):
            return objection
        with transaction.atomic():
            return super().post(request, *args, **kwargs)  # type: ignore[no-any-return]  # the toolkit has no types


@method_decorator(csrf_exempt, name="dispatch")
class Register(View):
    """Registers an app from its own metadata, if the operator enabled that. It gets no secret."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """Answer as in RFC 7591, section 3.2.1."""
        whose = address_of(request.scope)  # type: ignore[attr-defined]  # ASGI's
        if request_rate.is_over("registrations", whose, most=MOST_REGISTRATIONS, seconds=AN_HOUR):
            return refused(
                "temporarily_unavailable", "Too many apps were registered from your address. Try again in an hour.", 429
            )
        try:
            return _registered(client_metadata.checked(orjson.loads(request.body)))
        except (orjson.JSONDecodeError, RawPostDataException):
            return refused("invalid_client_metadata", "The body is not valid JSON.")
        except (CIMDError, ValidationError) as error:
            return refused("invalid_client_metadata", " ".join(getattr(error, "messages", [str(error)])))


def _registered(metadata: dict[str, Any]) -> JsonResponse:
    """Store the app. Raises ValidationError."""
    application = Application(
        name=metadata["client_name"],
        redirect_uris=" ".join(metadata["redirect_uris"]),
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        registration_source=Application.RegistrationSource.DCR,
    )
    application.full_clean()
    application.save()
    taken = {name: metadata[name] for name in ("client_name", "redirect_uris", "grant_types")}
    body = {"client_id": application.client_id, "token_endpoint_auth_method": "none"} | taken
    return JsonResponse(body, status=201, headers={"Cache-Control": "no-store"})


def _family(request: HttpRequest, grant: str) -> UUID | None:
    if grant == "authorization_code":
        return token_families.of_code(request.POST.get("code", ""))
    return token_families.of_refresh_token(request.POST.get("refresh_token", ""))


token, revoke = cors.for_apps(Token.as_view()), cors.for_apps(Revoke.as_view())
register = cors.for_registering(Register.as_view())
