"""Rules of the authorization server, where the toolkit has none or is more lenient than Galaxy."""

from typing import Any
from uuid import UUID

from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error, InvalidGrantError

from accounts.oauth import connected_apps, ledger, redirects, resources, token_families
from accounts.oauth.bearer import digest_of
from accounts.oauth.resources import Resource
from accounts.storage import single_use


class Validator(OAuth2Validator):  # type: ignore[misc]  # the toolkit has no types
    """Validates each step for oauthlib. The token endpoint holds the family's lock meanwhile (`endpoints.tokens`)."""

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Require an exact match with one of the app's addresses, and a safe one even if another was registered."""
        return redirects.read(redirect_uri) is not None and super().validate_redirect_uri(
            client_id, redirect_uri, request, *args, **kwargs
        )

    def get_default_scopes(self, _client_id: str, request: Request, *_: Any, **__: Any) -> list[str]:
        """Grant a request without scopes the least that is useful at the resource."""
        asked = _asked(request)
        return list(asked.scopes[:1]) if asked else []

    def validate_scopes(self, _client_id: str, scopes: list[str], _client: Any, request: Request, *_: Any, **__: Any) -> bool:
        """Allow only scopes of the resource. Without a resource, the request fails later with the proper error."""
        asked = _asked(request)
        return asked is None or set(scopes) <= set(asked.scopes)

    def validate_code(self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Validate a code. A spent one revokes all its tokens; one of a suspended person is invalid."""
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return bool(request.user.is_active)
        self._end_replayed(token_families.of_code(code), "code", request)
        return False

    def invalidate_authorization_code(self, _client_id: str, code: str, request: Request, *_: Any, **__: Any) -> None:
        """Spend the code."""
        if not single_use.spend(Grant.objects.filter(code=code, application=request.client)):
            raise InvalidGrantError(request=request)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Validate a refresh token. A spent one revokes its family; one of a suspended person is invalid."""
        spent = RefreshToken.objects.filter(token_checksum=digest_of(refresh_token)).exclude(revoked=None).first()
        if spent is not None:
            self._end_replayed(spent.token_family, "refresh token", request)
            return False
        is_good = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        return bool(is_good and request.user.is_active)

    def revoke_token(self, token: str, _token_type_hint: str | None, request: Request, *_: Any, **__: Any) -> None:
        """Revoke the token's whole family (RFC 7009, 2.1). Nothing is revealed about unknown tokens or those of other apps."""
        family = token_families.of_token(token, request.client)
        if family is None:
            return
        token_families.lock(family)
        person = token_families.person_of(family)
        if token_families.end(family):
            ledger.note("app.token_revoked", request.client, person)

    def _end_replayed(self, family: UUID, what: str, request: Request) -> None:
        person = token_families.person_of(family)
        if person is not None:
            ended = token_families.end(family)
            ledger.note("app.token_reused", request.client, person, outcome="refused", shown=what, ended=ended)

    def _check_and_set_request_resource(self, request: Request) -> None:
        """Require exactly one resource, that of the consent. The request may repeat it or leave it out."""
        super()._check_and_set_request_resource(request)
        if len(request.resource) != 1 or resources.named(request.resource[0]) is None:
            raise invalid_target(request)

    def _create_authorization_code(self, request: Request, code: dict[str, str], expires: Any = None) -> Any:
        """Drop parameters of OpenID Connect, which is not supported: a long `nonce` would not fit its column."""
        request.nonce = request.claims = None
        return super()._create_authorization_code(request, code, expires)

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Save a token only while the app is connected, which stays so until the transaction ends."""
        if not connected_apps.hold(request.user, request.client):
            raise InvalidGrantError(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)
        done = "app.token_refreshed" if request.grant_type == "refresh_token" else "app.token_issued"
        ledger.note(done, request.client, request.user, scopes=token["scope"], resource=request.resource[0])

    def _create_refresh_token(self, request: Request, text: str, access_token: Any, previous: Any) -> Any:
        """Give the first token of a family the id computed from its code."""
        made = super()._create_refresh_token(request, text, access_token, previous)
        if previous is None:
            made.token_family = token_families.of_code(request.code)
            made.save(update_fields=["token_family"])
        return made


def invalid_target(request: Request) -> CustomOAuth2Error:
    """Build the error of RFC 8707, section 2."""
    ours = " or ".join(resource.address for resource in resources.ALL)
    return CustomOAuth2Error(error="invalid_target", description=f"Name one resource of this server: {ours}.", request=request)


def _asked(request: Request) -> Resource | None:
    return resources.named(getattr(request, "resource", None))
