"""The rules of the authorization server, where the toolkit leaves them open or is more lenient than Galaxy."""

from typing import Any
from uuid import UUID

from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error, InvalidGrantError

from accounts import connected, single_use
from accounts.oauth import families, ledger, redirects, resources
from accounts.oauth.bearer import digest_of
from accounts.oauth.resources import Resource


class Validator(OAuth2Validator):  # type: ignore[misc]  # the toolkit has no types
    """Asked by oauthlib at each step. Whoever calls the token endpoint holds the family's lock (`accounts.oauth.endpoints`)."""

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """One of the app's own, letter by letter, and a safe one even if somebody registered another."""
        return redirects.read(redirect_uri) is not None and super().validate_redirect_uri(
            client_id, redirect_uri, request, *args, **kwargs
        )

    def get_default_scopes(self, _client_id: str, request: Request, *_: Any, **__: Any) -> list[str]:
        """Who asks for nothing gets the least that makes sense at the resource."""
        asked = _asked(request)
        return list(asked.scopes[:1]) if asked else []

    def validate_scopes(self, _client_id: str, scopes: list[str], _client: Any, request: Request, *_: Any, **__: Any) -> bool:
        """Only what means something at the resource. Without a resource the request fails later, by its right name."""
        asked = _asked(request)
        return asked is None or set(scopes) <= set(asked.scopes)

    def validate_code(self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any) -> bool:
        """A code that was spent ends all that came of it, and a suspended person's is worth nothing."""
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return bool(request.user.is_active)
        self._end_replayed(families.of_code(code), "code", request)
        return False

    def invalidate_authorization_code(self, _client_id: str, code: str, request: Request, *_: Any, **__: Any) -> None:
        """Spend the code."""
        if not single_use.spend(Grant.objects.filter(code=code, application=request.client)):
            raise InvalidGrantError(request=request)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any) -> bool:
        """As the toolkit, which ends the family of a spent token; and not for a suspended person."""
        spent = RefreshToken.objects.filter(token_checksum=digest_of(refresh_token)).exclude(revoked=None).first()
        if spent is not None:
            self._end_replayed(spent.token_family, "refresh token", request)
            return False
        is_good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(is_good and request.user.is_active)

    def revoke_token(self, token: str, _token_type_hint: str | None, request: Request, *_: Any, **__: Any) -> None:
        """The whole family of the app's token (RFC 7009, 2.1). Of what is unknown or another app's, nothing is said."""
        family = families.of_token(token, request.client)
        if family is None:
            return
        families.lock(family)
        person = families.person_of(family)
        if families.end(family):
            ledger.note("app.token_revoked", request.client, person)

    def _end_replayed(self, family: UUID, what: str, request: Request) -> None:
        person = families.person_of(family)
        if person is not None:
            ended = families.end(family)
            ledger.note("app.token_reused", request.client, person, outcome="refused", shown=what, ended=ended)

    def _check_and_set_request_resource(self, request: Request) -> None:
        """A token is for exactly one resource: that of its consent. The request may repeat it or leave it out."""
        super()._check_and_set_request_resource(request)
        if len(request.resource) != 1 or resources.named(request.resource[0]) is None:
            raise invalid_target(request)

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: Any = None) -> Any:
        """Without what belongs to OpenID Connect, which is not spoken here: a long `nonce` would not fit its column."""
        request.nonce = request.claims = None
        return super()._create_authorization_code(request, code, expires)

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Only while the app is connected, which nobody changes meanwhile."""
        if not connected.hold(request.user, request.client):
            raise InvalidGrantError(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)
        done = "app.token_refreshed" if request.grant_type == "refresh_token" else "app.token_issued"
        ledger.note(done, request.client, request.user, scopes=token["scope"], resource=request.resource[0])

    def _create_refresh_token(self, request: Request, text: str, access_token: Any, previous: Any) -> Any:
        """The first of a family is numbered by its code."""
        made = super()._create_refresh_token(request, text, access_token, previous)
        if previous is None:
            made.token_family = families.of_code(request.code)
            made.save(update_fields=["token_family"])
        return made


def invalid_target(request: Request) -> CustomOAuth2Error:
    """The error of RFC 8707, section 2."""
    ours = " or ".join(resource.address for resource in resources.ALL)
    return CustomOAuth2Error(error="invalid_target", description=f"Name one resource of this server: {ours}.", request=request)


def _asked(request: Request) -> Resource | None:
    return resources.named(getattr(request, "resource", None))
