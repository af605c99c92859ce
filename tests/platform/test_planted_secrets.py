"""Secrets of every kind are planted, things go wrong around them, and no log, error, audit entry, page or row tells one."""

import asyncio
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql
from websockets.exceptions import ConnectionClosed

from accounts.oauth.scopes import SCOPES
from galaxy.configuration.paths import Places
from galaxy.services import postgres
from tests.client import BUTTON, Client
from tests.ports import free_port
from tests.stack import KEY, Galaxy, Providers

PLANTED = {
    "password": secrets.token_urlsafe(16),
    "wrong password": secrets.token_urlsafe(16),
    "vault": f"vault-{secrets.token_hex(16)}",
    "bad vault": f"bad-{secrets.token_hex(16)}",
    "proxy": secrets.token_urlsafe(24),
    "address": f"gxy_pat_{secrets.token_urlsafe(24)}",  # of a token that someone writes into an address
}
QUESTIONS = ["[[tokens=3]]", *(f"[[fault={fault}]]" for fault in (400, 401, 403, 429, 500, "garbage", "html", "cut@2"))]
PAGES = (
    "/",
    "/settings",
    "/conversations",
    "/api/me",
    "/api/config",
    "/api/models",
    "/api/audit",
    "/api/secrets",
    "/api/limits",
)
ADMIN = ("", "accounts/user/", "accounts/secret/", "chat/run/", "chat/conversation/")


@pytest.fixture(scope="module")
def planted(stand_in_process: Providers) -> Iterator[Galaxy]:
    with tempfile.TemporaryDirectory(prefix="galaxy-") as folder:
        settings = {"TRUSTED_PROXIES": "127.0.0.2", "PROXY_SHARED_SECRET": PLANTED["proxy"]}
        installation = Galaxy(Path(folder), free_port(), stand_in_process, **settings)
        installation.start()
        yield installation
        installation.stop()


async def told(client: Client) -> str:
    """Collect what a person reads who asks questions that go wrong, and looks at every page."""
    answers = [await _asked(client, question) for question in QUESTIONS]
    async with client.rest() as rest:
        asked = [await rest.get(page, follow_redirects=True) for page in (*PAGES, *(f"/admin/{page}" for page in ADMIN))]
        runs = (await rest.get("/api/conversations")).json()["results"]
        asked += [await rest.get(f"/c/{conversation['id']}") for conversation in runs]
        asked += [
            await rest.get(f"/api/conversations/{conversation['id']}/{part}")
            for conversation in runs
            for part in ("messages", "runs")
        ]
    assert all(answer.status_code == httpx.codes.OK for answer in asked), asked
    return "".join([*answers, *(answer.text for answer in asked)])


async def _asked(client: Client, question: str) -> str:
    async with client.socket() as socket:
        accepted = await socket.ask(question, model="Stand-in")
        return str([accepted, *await socket.until_end(accepted["run_id"])])


async def new_token(client: Client) -> str:
    """An access token, as the settings page shows it the one time."""
    form = {"name": "script", "scopes": list(SCOPES), "days": "7"}
    async with client.rest() as rest:
        made = re.search(r"gxy_pat_[\w-]+", (await rest.post("/settings/tokens", data=form)).text)
    assert made
    return made[0]


async def told_to_program(program: Client) -> str:
    """Everything that a program reads with its token, refusals included."""
    answers = [await _asked(program, question) for question in QUESTIONS]
    async with program.rest() as rest:
        return "".join([*answers, *[(await rest.get(page)).text for page in PAGES]])


def generated(galaxy: Galaxy) -> dict[str, str]:
    """Secrets that the installation generated, by file; each key of the vault by its number."""
    files = {path.name: path.read_text().strip() for path in Places(galaxy.data_dir).secrets.iterdir()}
    keys = {f"vault {number}": key for number, key in enumerate(re.findall(r"[\w-]{40,}=*", files.pop("vault.keys")))}
    assert keys
    assert len(files) > 3
    return files | keys


async def mistaken(galaxy: Galaxy, client: Client) -> str:
    """Collect what a client reads that puts secrets where they do not belong."""
    base, proxy = galaxy.base_url, {"X-Email-User": "owner@localhost", "X-Proxy-Secret": PLANTED["proxy"]}
    async with client.rest() as rest, httpx.AsyncClient(base_url=base, timeout=20) as nobody:
        csrf = {"csrfmiddlewaretoken": "c" * 32}
        answers = [
            await rest.put("/api/secrets/good", json={"value": PLANTED["vault"]}),
            await rest.put("/api/secrets/bad", json={"value": [PLANTED["bad vault"]]}),
            await rest.put("/api/secrets/bad%01", json={"value": PLANTED["bad vault"]}),
            await rest.post("/api/conversations", json={"title": 7, "api_key": PLANTED["bad vault"]}),
            await nobody.get("/api/me", headers=proxy),
            await nobody.get("/api/me", headers={"Authorization": f"Bearer {PLANTED['address']}"}),
            await nobody.get(f"/api/me?access_token={PLANTED['address']}"),
            await nobody.get(f"/oauth/authorize?client_id=x&access_token={PLANTED['address']}"),
            await nobody.post("/oauth/token", data={"grant_type": "refresh_token", "refresh_token": PLANTED["address"]}),
            await nobody.get(f"/sign-in/link/{PLANTED['address']}"),
        ]
        for password in (PLANTED["wrong password"], PLANTED["password"]):
            form = {"username": "owner@localhost", "password": password, **csrf}
            headers = {"Cookie": f"galaxy_csrf={'c' * 32}", "Origin": base}
            answers.append(await nobody.post("/sign-in", data=form, headers=headers))
    assert any(answer.status_code == httpx.codes.OK for answer in answers)
    assert not any(answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR for answer in answers), answers
    return "".join(answer.text for answer in answers)


async def broken(galaxy: Galaxy, client: Client) -> str:
    """Collect what a person reads while the services stop."""
    answers: list[str] = []
    for part in ("redis", "postgres"):
        galaxy.kill(part)
        for _ in range(5):
            async with client.rest() as rest:
                answers.append((await rest.get("/api/conversations")).text)
            try:
                answers.append(await asyncio.wait_for(_asked(client, "[[tokens=2]]"), 10))
            except (ConnectionClosed, AssertionError, TimeoutError) as error:
                answers.append(str(error))
        await galaxy.until_ready(part)
    return "".join(answers)


def rows(galaxy: Galaxy) -> str:
    """Every row of every table, but the sessions: their ids are what Django finds them by."""
    places = Places(galaxy.data_dir)
    password = (places.secrets / "database_password").read_text()
    with psycopg.connect(host=str(places.postgres_socket), user=postgres.NAME, dbname=postgres.NAME, password=password) as link:
        found = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_session'")
        queries = [sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)) for (name,) in found.fetchall()]
        return "".join(row for query in queries for (row,) in link.execute(query).fetchall())


def written(galaxy: Galaxy) -> str:
    """Every log and what stood on the console, without the link that was meant to be read there."""
    files = [path for folder in ("logs", "audit", "run") for path in (galaxy.data_dir / folder).rglob("*") if path.is_file()]
    return "".join(file.read_text(errors="replace") for file in files) + galaxy.said()


async def test_no_channel_tells_a_secret(planted: Galaxy) -> None:
    planted.manage(
        "shell",
        "-c",
        f"from accounts.people.directory import owner; o = owner(); o.set_password({PLANTED['password']!r}); o.save()",
    )
    link = planted.manage("sign_in_link").strip()
    async with httpx.AsyncClient(timeout=20) as nobody:
        cookie = str((await nobody.post(link, **BUTTON)).cookies["galaxy_session"])
    client = Client(planted.base_url, cookie)
    token = await new_token(client)
    channels = {
        "mistakes": await mistaken(planted, client),
        "answers and pages": await told(client),
        "a program's answers": await told_to_program(Client.with_token(planted.base_url, token)),
        "breakdowns": await broken(planted, client),
        "audit": planted.manage("audit", "export"),
        "database": rows(planted),
        "logs": written(planted),
    }
    known = {
        **PLANTED,
        "model key": KEY,
        "cookie": cookie,
        "token": token,
        "link": link.rpartition("/")[2],
        **generated(planted),
    }
    assert [(channel, name) for channel, text in channels.items() for name, secret in known.items() if secret in text] == []
    assert all(channels.values())
