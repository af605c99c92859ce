"""ID tokens, which an issuer signs, verified according to OpenID Connect Core 1.0, section 3.1.3.7."""

from typing import Any

import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY_SECONDS = 60


class BadIdToken(Exception):
    """The token could not be verified. The message does not quote it."""


def verified(token: str, keys: dict[str, Any], *, issuer: str, audience: str, nonce: str) -> dict[str, Any]:
    """Verify a token and return its claims. `keys` is the issuer's key set (RFC 7517). Raises BadIdToken.

    The token alone never decides the algorithm: secrets and other kinds of keys are not accepted.
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
    """Verify a signed answer of the issuer to this client and return its claims. Raises BadIdToken."""
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
    """Return the key that the token names; without a name, the only one."""
    name = jwt.get_unverified_header(token).get("kid")
    usable = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")]
    found = [key for key in usable if key.key_id == name or name is None]
    if len(found) != 1:
        raise BadIdToken("its ID token is signed with a key that it does not publish")
    return found[0]
