"""A person at a browser without script, as an HTTP client: it keeps cookies, and sends forms as pages do."""

import asyncio
import re
import time
from typing import Any

import httpx
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from accounts.models import AuditEntry, User
from accounts.storage.connections import in_database

PASSWORD = "correct horse battery"
KEY = re.compile(r'aria-label="Key">([A-Z2-7]+)<')
CODE = re.compile(r"<li><code>(\d+)</code></li>")


class Visitor(httpx.AsyncClient):
    """Redirects are not followed: a test says where it is sent."""

    def __init__(self, base_url: str, **options: Any) -> None:
        super().__init__(base_url=base_url, timeout=30, **{"verify": False} | options)

    async def form(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form, with the token that the pages of this portal have."""
        if "galaxy_csrf" not in self.cookies:
            await self.get("/", follow_redirects=True)
        token = {"csrfmiddlewaretoken": self.cookies["galaxy_csrf"]}
        return await self.post(path, data=token | fields, headers={"Origin": str(self.base_url).rstrip("/")})

    async def sign_in(self, person: User, password: str = PASSWORD, **fields: Any) -> httpx.Response:
        """Fill in the sign-in page."""
        return await self.form("/sign-in", username=person.email, password=password, **fields)

    async def is_in(self) -> bool:
        """Tell whether this browser is signed in."""
        return (await self.get("/api/me")).status_code == httpx.codes.OK

    async def add_app(self) -> tuple[str, list[str]]:
        """Add an authenticator app; gives its seed and the recovery codes."""
        seed = KEY.findall((await self.get("/settings/security/app")).text)[0]
        done = await self.form("/settings/security/app", code=code_of(seed))
        assert done.status_code == httpx.codes.FOUND, done.text
        return seed, CODE.findall((await self.get("/settings/security/codes")).text)


def code_of(seed: str, *, steps: int = 0) -> str:
    """The code that an authenticator app shows, so many half minutes from now."""
    return str(format_hotp_value(hotp_value(seed, int(time.time()) // 30 + steps)))


def with_password(person: User) -> User:
    """The person, who has a password from now on."""
    person.set_password(PASSWORD)
    person.save()
    return person


async def recorded(within: float = 10, **wanted: Any) -> list[AuditEntry]:
    """The entries of the audit that fit, once there are any: the running installation writes them a moment later."""
    async with asyncio.timeout(within):
        while not (found := await in_database(lambda: list(AuditEntry.objects.filter(**wanted).order_by("seq")))):
            await asyncio.sleep(0.1)
    return found
