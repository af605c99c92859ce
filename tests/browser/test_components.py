"""Components that tools show, and what answers made: drawn, used, taken along, and never with the portal's own powers."""

import csv
import io
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import User
from chat.parts import AnyPart, Artifact, Text, UIBlock
from tests.browser.conftest import Complaints
from tests.browser.steps import axe_clean
from tests.scripted import ScriptedRun

TABLE = {
    "type": "table",
    "columns": [{"name": "Town"}, {"name": "People", "type": "number"}],
    "rows": [["Ulm", 9], ["=1+1", 100], ["Aalen", None]],
    "total": 40,
}
CHART = {"kind": "bar", "title": "Rain", "x": ["May", "June"], "series": [{"name": "mm", "values": [3, 12.5]}], "unit": "mm"}
FORM = {
    "type": "form",
    "submit": "Book",
    "schema": {
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "count": {"type": "integer"},
            "size": {"enum": [1, "L"]},
            "wet": {"type": "boolean"},
        },
    },
}
# All that a hostile page may try: none of it may reach the portal.
ATTACK = """<p id=p>inside</p><script>
const said = [];
try { said.push(parent.document.title) } catch { said.push("no parent") }
try { said.push(document.cookie) } catch { said.push("no cookies") }
try { localStorage.x = 1; said.push("storage") } catch { said.push("no storage") }
fetch("/api/me").then(() => said.push("fetched"), () => said.push("no fetch")).finally(() => {
    document.getElementById("p").textContent = said.join(", ");
});
</script>"""


def answered(person: User, *made: AnyPart) -> ScriptedRun:
    run = ScriptedRun(person)
    run.end([Text("Here."), *made])
    return run


def test_a_table_is_sorted_and_taken_along_without_formulas(page: Page, alice: User) -> None:
    page.goto(answered(alice, UIBlock("t", TABLE)).path)
    table = page.locator(".component table")
    firsts = table.locator("tbody td:first-child")
    expect(page.get_by_text("The first 3 of 40 rows.")).to_be_visible()
    for button, order in (
        ("People", ["Ulm", "=1+1", "Aalen"]),
        ("People", ["=1+1", "Ulm", "Aalen"]),
        ("Town", ["=1+1", "Aalen", "Ulm"]),
    ):
        table.get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        expect(firsts).to_have_text(order)
    expect(table.get_by_role("columnheader", name="Town")).to_have_attribute("aria-sort", "ascending")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert rows == [["Town", "People"], ["'=1+1", "100"], ["Aalen", ""], ["Ulm", "9"]]


def test_a_chart_says_its_numbers_and_all_components_are_accessible(page: Page, phone: Page, alice: User) -> None:
    pie = CHART | {"type": "chart", "kind": "pie", "title": "Shares"}
    line = CHART | {"type": "chart", "kind": "line", "title": "Course"}
    run = answered(
        alice,
        UIBlock("c", CHART | {"type": "chart"}),
        UIBlock("p", pie),
        UIBlock("l", line),
        UIBlock("f", FORM),
        UIBlock("t", TABLE),
        UIBlock(
            "b", {"type": "buttons", "buttons": [{"id": "go", "label": "Go"}, {"id": "no", "label": "No", "disabled": True}]}
        ),
        UIBlock("m", {"type": "text", "markdown": "**Bold**"}),
    )
    for device in (page, phone):
        device.goto(run.path)
        expect(device.get_by_role("img", name="Rain in mm: mm from 3 to 12.5")).to_be_visible()
        expect(device.get_by_role("button", name="No", exact=True)).to_be_disabled()
        device.get_by_text("Numbers").first.click()
        expect(device.get_by_role("cell", name="12.5").first).to_be_visible()
        axe_clean(device)
        assert not device.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_sent_form_and_a_pressed_button_go_to_the_tool(page: Page, alice: User, complaints: Complaints) -> None:
    complaints.expected += ("404",)
    buttons = {"type": "buttons", "buttons": [{"id": "go", "label": "Go", "value": {"n": 1}}]}
    run = answered(alice, UIBlock("f", FORM), UIBlock("b", buttons))
    page.goto(run.path)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if "/api/components/" in request.url else None)
    page.get_by_role("button", name="Book").click()  # a name is required: nothing is sent
    page.get_by_label("name").fill("Anna")
    page.get_by_label("size").select_option("L")
    page.get_by_label("wet").check()
    with page.expect_response("**/api/components/f"):
        page.get_by_role("button", name="Book").click()
    with page.expect_response("**/api/components/b"):
        page.get_by_role("button", name="Go").click()
    assert sent == [
        {"event": "submit", "value": {"name": "Anna", "size": "L", "wet": True}},
        {"event": "go", "value": {"n": 1}},
    ]
    expect(page.get_by_role("button", name="Go")).to_be_enabled()


def test_what_a_tool_answers_takes_the_component_s_place(page: Page, alice: User) -> None:
    run = ScriptedRun(alice)
    page.goto(run.path)
    run.show("b", {"type": "buttons", "buttons": [{"id": "go", "label": "Go"}]})
    expect(page.get_by_role("button", name="Go")).to_be_visible()
    run.say("Words after it.")
    run.show("b", {"type": "text", "markdown": "**Done**"})
    expect(page.locator(".component strong")).to_have_text("Done")
    expect(page.get_by_role("button", name="Go")).to_have_count(0)
    expect(page.locator(".pieces > *:visible").first).to_contain_text("Done")  # where it was


def test_a_page_of_a_tool_draws_itself_and_reaches_nothing(page: Page, alice: User, complaints: Complaints) -> None:
    complaints.expected += ("Content Security Policy", "sandbox", "connect-src", "violates")
    run = ScriptedRun(alice)
    page.goto(run.path)
    run.show("h", {"type": "html", "html": ATTACK, "height": 120})
    frame = page.frame_locator("iframe[sandbox=allow-scripts]")
    expect(frame.locator("#p")).to_have_text("no parent, no cookies, no storage, no fetch")
    run.end([UIBlock("h", {"type": "html", "html": ATTACK, "height": 120})])
    page.reload()
    expect(frame.locator("#p")).to_have_text("no parent, no cookies, no storage, no fetch")
    alone = page.context.new_page()
    alone.goto(f"{run.path}/messages/{run.answer.pk}/components/h")  # opened by itself it can do no more
    expect(alone.locator("#p")).to_contain_text("no cookies, no storage, no fetch")
    alone.close()


def test_what_answers_made_is_listed_beside_the_chat(page: Page, phone: Page, alice: User) -> None:
    run = answered(alice, Artifact("a1", 1, "sums.csv"), Artifact("a1", 2, "sums.csv"), Artifact("b2", 1, "plot.png"))
    for device in (page, phone):
        device.route("**/artifacts/a1/1", lambda route: route.fulfill(body="a,b\r\n1,2\r\n", content_type="text/csv"))
        device.route(
            "**/artifacts/a1/2", lambda route: route.fulfill(body='a,b\r\n"x, ""y""",<i>\r\n', content_type="text/csv")
        )
        device.route("**/artifacts/b2/1", lambda route: route.fulfill(body=b"", content_type="image/png"))
        device.goto(run.path)
        device.get_by_role("button", name="Artifacts", exact=True).click()
        panel = device.get_by_role("complementary", name="Artifacts")
        expect(panel.locator("[data-made]")).to_have_count(2)
        expect(panel.locator("td")).to_have_text(['x, "y"', "<i>"])
        panel.get_by_label("Version of sums.csv").select_option("1")
        expect(panel.locator("td")).to_have_text(["1", "2"])
        expect(panel.get_by_role("link", name="Download sums.csv")).to_have_attribute("href", "/artifacts/a1/1?download")
        axe_clean(device)
        panel.get_by_role("button", name="Close panel").click()
        expect(panel).to_be_hidden()
    page.locator("[data-artifact=a1][data-version='1']").get_by_role("button", name="Open sums.csv").click()
    expect(page.get_by_role("complementary", name="Artifacts").get_by_label("Version of sums.csv")).to_have_value("1")
