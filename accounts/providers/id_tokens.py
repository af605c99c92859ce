"""What an issuer signs of who signed in: an ID token, checked as OpenID Connect Core 1.0, section 3.1.3.7 says."""

from typing import Any

import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY_SECONDS = 60


class BadIdToken(Exception):
    """The token is not believed. Says why, without quoting it."""


def verified(token: str, keys: dict[str, Any], *, issuer: str, audience: str, nonce: str) -> dict[str, Any]:
    """What the token says. `keys` is the issuer's key set (RFC 7517). Raises BadIdToken.

    The algorithm is never taken from the token alone: secrets and keys of other kinds are no keys here.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(token, keys),
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        raise BadIdToken(f"its ID token is not valid ({type(error).__name__})") from error
    if claims.get("nonce") != nonce:
        raise BadIdToken("its ID token is for another sign-in")
    if claims.get("azp", audience) != audience:
        raise BadIdToken("its ID token is for another client")
    return claims


def signed(text: str, keys: dict[str, Any], *, issuer: str, audience: str) -> dict[str, Any]:
    """What a signed answer of the issuer to this client says. Raises BadIdToken."""
    try:
        said: dict[str, Any] = jwt.decode(
            text,
            _key(text, keys),
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        raise BadIdToken(f"its signed answer is not valid ({type(error).__name__})") from error
    return said


def _key(token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """The key that the token names; without a name, the only one."""
    name = jwt.get_unverified_header(token).get("kid")
    usable = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")]
    found = [key for key in usable if key.key_id == name or name is None]
    if len(found) != 1:
        raise BadIdToken("its ID token is signed with a key that it does not publish")
    return found[0]
