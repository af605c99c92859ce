"""Answers to a person or a program when no view could answer."""

from typing import Any

import httpx
import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from galaxy.middleware import error_responses
from tests.client import Client
from tests.stack import Galaxy

pytestmark = pytest.mark.usefixtures("galaxy")  # which has collected the style sheets that the pages name


def answer_to(error: Exception, address: str) -> HttpResponse:
    try:
        raise error  # noqa: TRY301
    except Exception:  # noqa: BLE001  as Django does around every view
        return error_responses.server_error(RequestFactory().get(address))


@pytest.mark.parametrize("error", [OperationalError("connection to 10.0.0.7 refused"), InterfaceError("closed")])
def test_a_database_that_is_away_is_503_and_worth_another_try(error: Exception) -> None:
    for address in ("/", "/api/me"):
        answer = answer_to(error, address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert b"database does not answer" in answer.content
        assert b"10.0.0.7" not in answer.content


def test_a_defect_is_500_and_shows_nothing_of_itself() -> None:
    for address, kind in (("/", "text/html; charset=utf-8"), ("/api/me", "application/json")):
        answer = answer_to(ValueError("a secret"), address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (500, kind)
        assert b"a secret" not in answer.content


@pytest.mark.parametrize("path", ["/", "/api/me", "/sign-in", "/admin/"])
async def test_under_a_name_that_is_not_its_own_galaxy_says_what_to_set(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path, headers={"Host": "galaxy.example.org"})
    assert answer.status_code == 400
    assert "This address does not belong to this Galaxy" in answer.text
    assert "ALLOWED_HOSTS" in answer.text
    assert "127.0.0.1" not in answer.text
    assert answer.headers["Content-Type"].startswith("application/json" if path.startswith("/api/") else "text/html")


async def test_what_is_not_there_is_told_as_each_door_tells_it(alice_client: Client, anonymous: httpx.AsyncClient) -> None:
    async with alice_client.rest() as rest:
        for path in ("/api/nope", "/api/", "/api/runs/x/y"):
            answer = await rest.get(path)
            assert answer.status_code == 404, path
            assert answer.json() == {"error": {"code": "not_found", "message": "Not found."}}
        assert 'id="conversations"' in (await rest.get("/nowhere")).text
    page = await anonymous.get("/nowhere")
    assert page.status_code == 404
    assert "This page does not exist" in page.text
    assert 'id="conversations"' not in page.text


CHAT = "/c/00000000-0000-0000-0000-000000000000"
OWN = {"csrfmiddlewaretoken": "c" * 32}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/%00", None),
        ("/sign-in/link/%00", None),
        ("/static/%00", None),
        ("/?before=%00", None),
        ("/conversations?count=%00", None),
        ("/sign-in?next=/%00", None),
        ("/api/%00", None),
        ("/api/conversations?cursor=%00", None),
        ("/api/chat/sse?messageId=%00", None),
        ("/admin/accounts/user/?q=%00", None),
        ("/admin/accounts/user/%00/change/", None),
        ("/", {"text": "a\0"}),
        ("/", {"text": "a", "model": "\0"}),
        (f"{CHAT}/rename", {"title": "a\0"}),
        (f"{CHAT}/stop", {"run": "\0"}),
        ("/theme", {"theme": "\0"}),
        ("/sign-in", {"username": "a\0@example.org", "password": "\0", "next": "\0"}),
    ],
)
async def test_a_nul_character_is_refused_wherever_it_is(galaxy: Galaxy, path: str, form: dict[str, Any] | None) -> None:
    async with Client(galaxy.base_url, galaxy.owner_cookie()).rest() as rest:
        answers = [await rest.request("POST" if form else "GET", path, data=form and form | OWN)]
        if form:
            answers.append(await rest.post(path, files={name: (None, value) for name, value in (form | OWN).items()}))
    assert {answer.status_code for answer in answers} <= {400, 404}
    if path.startswith("/api/"):
        assert set(answers[0].json()["error"]) == {"code", "message"}


async def test_a_session_that_nobody_could_have_is_nobody_s(galaxy: Galaxy) -> None:
    async with httpx.AsyncClient(base_url=galaxy.base_url, headers={"Cookie": 'galaxy_session="\\000aaaaaaaaaaaa"'}) as browser:
        assert (await browser.get("/")).status_code == 400
