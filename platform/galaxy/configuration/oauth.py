"""Settings of the authorization server (django-oauth-toolkit): OAuth 2.1, and nothing that it removed.

Sources: OAuth 2.1 (draft-ietf-oauth-v2-1), RFC 9700 (best current practice), RFC 8252 (native apps).
"""

from typing import Any

from accounts.oauth.scopes import SCOPES

MINUTE = 60
DAY = 24 * 60 * MINUTE

# Rules of RFC 9700, one switch of the toolkit each. The toolkit's eleventh switch forbids all plain http redirects, including
# those to a program on the person's own computer (RFC 8252, 7.3): `accounts.oauth.redirects` refuses the others.
BEST_PRACTICE = (
    "IMPLICIT_GRANT",
    "PASSWORD_GRANT",
    "PKCE_METHOD",
    "PKCE_REQUIRED",
    "ACCESS_TOKEN_TRANSPORT",
    "AUTHZ_RESPONSE_ISS",
    "TOKEN_STORAGE",
    "REFRESH_TOKEN",
    "REDIRECT_URI_MATCHING",
)


def provider(public_url: str, *, documents: bool, registration: bool) -> dict[str, Any]:
    """Build the settings. `documents` admits apps with a metadata document; `registration` lets them register."""
    return {
        **{f"COMPLIANT_BCP_RFC9700_{name}": True for name in BEST_PRACTICE},
        **_tokens(),
        "SCOPES": SCOPES,
        "DEFAULT_SCOPES": [],  # each resource has its own: accounts.oauth.resources
        "PKCE_REQUIRED": True,
        "OIDC_ISS_ENDPOINT": public_url,  # the issuer, for plain OAuth too; otherwise it would follow the Host header
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["none"],
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
        "ALLOW_LOCALHOST_LOOPBACK": True,
        "CIMD_ENABLED": documents,
        "CIMD_METADATA_FETCHER": "accounts.oauth.client_metadata.Fetcher",
        "CIMD_REGISTRATION_PERMISSION_CLASSES": ("accounts.oauth.client_metadata.AskedByAPerson",),
        "DCR_ENABLED": registration,
        "OAUTH2_VALIDATOR_CLASS": "accounts.oauth.validator.Validator",
        "OAUTH2_BACKEND_CLASS": "accounts.oauth.endpoints.wire.Wire",
    }


def _tokens() -> dict[str, Any]:
    """Set the tokens' lifetimes, and revocation on reuse (docs/decisions/0031-oauth-server.md)."""
    return {
        "ACCESS_TOKEN_GENERATOR": "accounts.oauth.bearer.new_access_token",
        "REFRESH_TOKEN_GENERATOR": "accounts.oauth.bearer.new_refresh_token",
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": MINUTE,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 30 * MINUTE,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * DAY,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    }
