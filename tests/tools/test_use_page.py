"""The operators' page on the use of tools: its figures, its CSV, and no one else's tenant."""

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from accounts.models import User
from accounts.storage.connections import in_database
from tests.accounts.operators.steps import operator
from tests.people import session_of
from tests.stack import Galaxy
from tests.visitor import recorded
from tools import calls
from tools.models import ToolCall, ToolSetting

PAGE = "/admin/tool-use/"


def made(person: User, tool: str, state: str = "succeeded", *, seconds: float = 1.0, days: float = 0.0, **fields: Any) -> None:
    """A call that is over."""
    begun = timezone.now() - timedelta(days=days, minutes=1)
    fields = {"via": "model", "model": "Stand-in", "risk": "read"} | fields
    ToolCall.objects.create(
        id=calls.new_id(), tenant=person.tenant, person=person, tool=tool, state=state, created_at=begun, dispatched_at=begun,
        ended_at=begun + timedelta(seconds=seconds), **fields,
    )  # fmt: skip


def lines(text: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["tool"], row["model"]): row for row in csv.DictReader(io.StringIO(text))}


@pytest.fixture
def busy(galaxy: Galaxy, alice: User, bob: User, charlie: User) -> None:
    for seconds in range(1, 11):
        made(alice, "add", seconds=float(seconds))
    made(bob, "add", "failed", seconds=1.0, error="timeout", model="Other")
    made(bob, "add", is_cached=True, seconds=0.0)
    made(bob, "book", "denied", decided_at=timezone.now(), cost=0.5)
    made(bob, "book", "unknown", days=3)
    made(alice, "gone_tool", days=20)
    made(charlie, "secret_tool")


def test_calls_are_counted_by_tool_and_model(galaxy: Galaxy, alice: User, busy: None) -> None:
    browser = operator(galaxy, alice)
    came = lines(browser.get(f"{PAGE}export/", params={"period": "day"}).text)
    add = came["add", ""]
    counted = {name: add[name] for name in ("calls", "people", "succeeded", "failed", "cached")}
    assert counted == {"calls": "12", "people": "2", "succeeded": "11", "failed": "1", "cached": "1"}
    assert (float(add["p50_seconds"]), float(add["p95_seconds"])) == (5.0, 9.5)
    assert (came["add", "Stand-in"]["calls"], came["add", "Other"]["failed"]) == ("11", "1")
    assert (came["book", ""]["denied"], came["book", ""]["unknown"], float(came["book", ""]["cost_usd"])) == ("1", "0", 0.5)
    assert ("gone_tool", "") not in came
    assert came["current_time", ""]["calls"] == "0"
    week = lines(browser.get(f"{PAGE}export/", params={"period": "week"}).text)
    assert week["book", ""]["unknown"] == "1"
    assert lines(browser.get(f"{PAGE}export/", params={"period": "all"}).text)["gone_tool", ""]["calls"] == "1"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "\t=", " ="])
@pytest.mark.parametrize("before", ["", "x;", "a, b;", "x\n"])
def test_no_spreadsheet_takes_a_name_for_a_formula(galaxy: Galaxy, alice: User, before: str, sign: str) -> None:
    made(alice, "add", model=f'{before}{sign}HYPERLINK("http://x")')
    export = operator(galaxy, alice).get(f"{PAGE}export/", params={"period": "day"}).text
    model = next(model for tool, model in lines(export) if tool == "add" and model)
    cells = model.replace("\n", ";").split(";")
    assert not any(cell.strip()[:1] in tuple("=+-@＝") for cell in cells)


async def test_an_export_is_in_the_audit(galaxy: Galaxy, alice: User) -> None:
    browser = await in_database(operator, galaxy, alice)
    answer = await asyncio.to_thread(browser.get, f"{PAGE}export/", params={"period": "month"})
    assert answer.headers["content-disposition"] == 'attachment; filename="tool-use-month.csv"'
    await recorded(person=str(alice.pk), action="tool_use.exported")


def test_the_page_has_figures_and_advice_of_the_own_tenant_alone(galaxy: Galaxy, alice: User, busy: None) -> None:
    ToolSetting.objects.create(tenant=alice.tenant, tool="add", is_on=False)
    page = operator(galaxy, alice).get(PAGE, params={"period": "week"}).text
    assert "It is off, and 2 people used it in this period." in page
    assert "It is not known whether one call happened" in page
    assert "Stand-in 11, Other 1" in page
    assert "/admin/tools/toolcall/?tool=add" in page
    assert "secret_tool" not in page
    assert "secret_tool" not in operator(galaxy, alice).get(f"{PAGE}export/", params={"period": "all"}).text
    assert "Use of tools" in operator(galaxy, alice).get(PAGE, params={"period": "nonsense"}).text


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}export/"])
def test_who_is_no_operator_sees_nothing(galaxy: Galaxy, bob: User, charlie: User, busy: None, address: str) -> None:
    with operator(galaxy, charlie) as stranger:
        assert "secret_tool" in stranger.get(address).text
        assert "gone_tool" not in stranger.get(address, params={"period": "all"}).text
    member = httpx.get(f"{galaxy.base_url}{address}", cookies={"galaxy_session": session_of(bob)}, follow_redirects=True)
    assert member.status_code == httpx.codes.FORBIDDEN
    nobody = httpx.get(f"{galaxy.base_url}{address}", follow_redirects=True)
    assert nobody.url.path.startswith("/sign-in")
