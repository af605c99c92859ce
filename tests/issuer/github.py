"""The part of GitHub's OAuth and REST that sign-in uses."""

import secrets
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.issuer.server import Issuer


def github_routes(issuer: "Issuer") -> list[web.RouteDef]:
    """Its addresses. Who signs in is the issuer's `claims`, in GitHub's own words."""

    async def authorize(request: web.Request) -> web.Response:
        asked = request.query
        raise web.HTTPFound(f"{asked['redirect_uri']}?code={secrets.token_urlsafe()}&state={asked['state']}")

    async def token(_request: web.Request) -> web.Response:
        return web.json_response({"access_token": secrets.token_urlsafe(), "token_type": "bearer"})

    async def user(_request: web.Request) -> web.Response:
        return web.json_response({name: value for name, value in issuer.claims.items() if name != "emails"})

    async def emails(_request: web.Request) -> web.Response:
        return web.json_response(issuer.claims["emails"])

    return [
        web.get("/login/oauth/authorize", authorize),
        web.post("/login/oauth/access_token", token),
        web.get("/api/v3/user", user),
        web.get("/api/v3/user/emails", emails),
    ]
