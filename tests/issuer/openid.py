"""OpenID Connect Core 1.0 and Discovery 1.0, the code flow, RFC 7636 (PKCE) included."""

import base64
import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from tests.issuer.server import Issuer

KEY_ID = "key-1"
CLIENT_ID, CLIENT_SECRET = "galaxy-in-tests", "a-secret-of-the-client"


class OpenID:
    """It goes wrong on demand: signature, audience, nonce, issuer, expired, alg none, HS256, other subject, discovery."""

    def __init__(self, issuer: "Issuer") -> None:
        self._issuer = issuer
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, dict[str, Any]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/.well-known/openid-configuration", self._configuration),
            web.get("/authorize", self._authorize),
            web.post("/token", self._token),
            web.get("/userinfo", self._userinfo),
            web.get("/keys", self._keys),
        ]

    async def _configuration(self, _request: web.Request) -> web.Response:
        url = self._issuer.url
        return web.json_response(
            {
                "issuer": "https://evil.example" if self._issuer.wrong == "discovery" else url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/userinfo",
                "jwks_uri": f"{url}/keys",
                "authorization_response_iss_parameter_supported": self._issuer.announces_issuer,
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        """Sign anyone in, without asking, as the person the test names."""
        asked = request.query
        if asked["code_challenge_method"] != "S256" or not asked["nonce"] or not asked["state"]:
            return web.Response(status=400)
        if self._issuer.wrong == "cancelled":
            raise web.HTTPFound(f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}")
        code = secrets.token_urlsafe()
        self._codes[code] = {"challenge": asked["code_challenge"], "nonce": asked["nonce"], "claims": self._issuer.claims}
        self._codes[code]["redirect_uri"] = asked["redirect_uri"]
        whose = f"&{urlencode({'iss': self._issuer.answers_as})}" if self._issuer.answers_as else ""
        raise web.HTTPFound(f"{asked['redirect_uri']}?code={code}&state={asked['state']}{whose}")

    async def _token(self, request: web.Request) -> web.Response:
        if self._issuer.wrong == "token away":
            return web.Response(status=502, text="<html>bad gateway</html>")
        if self._issuer.wrong == "token page":
            return web.Response(text="<html>maintenance</html>", content_type="text/html")
        form = await request.post()
        held = self._codes.pop(str(form["code"]), None)
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        is_client = (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        if not held or held["challenge"] != challenge or held["redirect_uri"] != form["redirect_uri"] or not is_client:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe()
        self._tokens[token] = held["claims"]
        return web.json_response({"access_token": token, "token_type": "Bearer", "id_token": self._id_token(held)})

    async def _userinfo(self, request: web.Request) -> web.Response:
        claims = self._tokens[request.headers["Authorization"].removeprefix("Bearer ")]
        told = claims if self._issuer.told is None else {"sub": claims["sub"], **self._issuer.told}
        told = told | ({"sub": "somebody-else"} if self._issuer.wrong == "subject" else {})
        if self._issuer.signs_userinfo:
            whose = {
                "iss": self._issuer.url,
                "aud": "somebody-else" if self._issuer.wrong == "signed for another" else CLIENT_ID,
            }
            return web.Response(text=self.signed(told | whose), content_type="application/jwt")
        return web.json_response(told)

    async def _keys(self, _request: web.Request) -> web.Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return web.json_response({"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]})

    def signed(self, claims: dict[str, Any], **headers: Any) -> str:
        """The claims, signed with the key that it publishes."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID} | headers)

    def _id_token(self, held: dict[str, Any]) -> str:
        wrong, now = self._issuer.wrong, int(time.time())
        claims = {"iss": self._issuer.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": held["nonce"]}
        claims |= held["claims"]
        faults: dict[str, dict[str, Any]] = {
            "audience": {"aud": "somebody-else"},
            "nonce": {"nonce": "of-another-sign-in"},
            "issuer": {"iss": "https://evil.example"},
            "expired": {"exp": now - 3600},
            "party": {"azp": "somebody-else"},
        }
        claims |= faults.get(wrong, {})
        headers = {"kid": KEY_ID}
        if wrong == "alg none":
            return jwt.encode(claims, "", algorithm="none", headers=headers)
        if wrong == "HS256":
            return jwt.encode(claims, "a secret that is long enough for it", algorithm="HS256", headers=headers)
        key = self._other_key if wrong == "signature" else self._key
        return jwt.encode(claims, key, algorithm="RS256", headers=headers)
