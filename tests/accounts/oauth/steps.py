"""An app as someone outside would write it, and the browser of a person whom it sends to Galaxy."""

import base64
import hashlib
import html
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from asgiref.sync import sync_to_async

from accounts.models import User
from tests.people import session_of

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CALLBACK = "http://127.0.0.1:51234/callback"


@dataclass
class App:
    """A public client. `asking` gives the address to send a person to, with changes; None leaves a parameter out."""

    base_url: str
    client_id: str
    callback: str = CALLBACK
    path: str = "/api"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def resource(self) -> str:
        return self.base_url + self.path

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def asking(self, **changes: Any) -> str:
        usual = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "state": "st&te",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "scope": "profile:read" if self.path == "/api" else "tools:list",
            "resource": self.resource,
        }
        given = {name: value for name, value in (usual | changes).items() if value is not None}
        return f"/oauth/authorize?{urlencode(given, doseq=True)}"

    async def post(self, path: str, **form: Any) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.base_url, timeout=20, verify=False) as client:
            return await client.post(path, data={name: value for name, value in form.items() if value is not None})

    async def exchange(self, code: str, **changes: Any) -> httpx.Response:
        usual = {"redirect_uri": self.callback, "client_id": self.client_id, "code_verifier": self.verifier}
        return await self.post("/oauth/token", **{"grant_type": "authorization_code", "code": code} | usual | changes)

    async def refresh(self, text: str, **changes: Any) -> httpx.Response:
        usual = {"grant_type": "refresh_token", "refresh_token": text, "client_id": self.client_id}
        return await self.post("/oauth/token", **usual | changes)

    async def revoke(self, text: str, **changes: Any) -> httpx.Response:
        return await self.post("/oauth/revoke", **{"token": text, "client_id": self.client_id} | changes)

    async def me(self, text: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.base_url, timeout=20, verify=False) as client:
            return await client.get("/api/me", headers={"Authorization": f"Bearer {text}"})


class Browser:
    """A person's, signed in; it follows no redirect by itself."""

    def __init__(self, base_url: str, session: str = "") -> None:
        cookies = {"galaxy_session": session} if session else {}
        self.client = httpx.AsyncClient(base_url=base_url, cookies=cookies, timeout=20, verify=False)

    async def open(self, address: str) -> httpx.Response:
        return await self.client.get(address)

    async def press(self, address: str, decision: str, **more: str) -> httpx.Response:
        """Open the page and press one of its buttons; `more` are fields that someone put into the form."""
        page = await self.open(address)
        assert page.status_code == 200, why(page)
        form = {name: html.unescape(value) for name, value in FIELD.findall(page.text)}
        headers = {"Referer": str(page.url), "Origin": str(self.client.base_url).rstrip("/")}
        return await self.client.post(address, data=form | {"decision": decision} | more, headers=headers)

    async def allow(self, app: App, **changes: Any) -> str:
        """Let the app in; gives the code."""
        return answer(await self.press(app.asking(**changes), "allow"))["code"]


def why(page: httpx.Response) -> str:
    """The error that a page names, or else its text."""
    return f"{page.status_code} {re.findall('<code>.*</code>', page.text) or page.text[:300]}"


def answer(response: httpx.Response) -> dict[str, str]:
    """Read the parameters of the redirect to the app."""
    assert response.status_code == 302, why(response)
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def browser_of(app: App, person: User) -> Browser:
    return Browser(app.base_url, await sync_to_async(session_of)(person))


async def connected(app: App, person: User, **changes: Any) -> dict[str, Any]:
    """Let the app in and exchange the code; gives what the token endpoint said."""
    response = await app.exchange(await (await browser_of(app, person)).allow(app, **changes))
    assert response.status_code == 200, why(response)
    tokens: dict[str, Any] = response.json()
    return tokens
