"""What a person or program is told when no view could answer."""

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from galaxy import refusals

pytestmark = pytest.mark.usefixtures("galaxy")  # which has collected the style sheets that the pages name


def answer_to(error: Exception, address: str) -> HttpResponse:
    try:
        raise error  # noqa: TRY301
    except Exception:  # noqa: BLE001  as Django does around every view
        return refusals.server_error(RequestFactory().get(address))


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
