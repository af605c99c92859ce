"""The tool `code_execution`: what models, people and pages get of a program."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Grant, User
from tests.client import Client
from tools import registry, sandbox
from tools.sandbox import State, environment, self_test
from tools.specs import Context, Reply, Risk, Tool, ToolError, Unavailable


def tool() -> Tool:
    found = registry.find("code_execution")
    assert found
    return found


async def call(code: str, heard: list[str] | None = None, **arguments: Any) -> Reply:
    told: list[str] = [] if heard is None else heard
    person = SimpleNamespace(pk=uuid4())
    context = Context(person=person, progress=lambda _fraction, words: told.append(words))
    return await tool().run(context, {"code": code, **arguments})


async def test_text_tables_plots_and_files_come_back() -> None:
    reply = await call(
        "import pandas as pd\nimport matplotlib.pyplot as plt\nframe = pd.read_csv('sold.csv')\nframe.plot()\n"
        "frame.to_csv('copy.csv', index=False)\nprint('read')\nframe",
        files={"sold.csv": "day,sold\n1,2\n3,4\n"},
    )
    assert reply.text.startswith("read\n\nValue:\n")
    assert reply.text.endswith("Files that the person can see: plot-1.png, copy.csv")
    assert reply.blocks == (
        {
            "type": "table",
            "columns": [{"name": "day", "type": "number"}, {"name": "sold", "type": "number"}],
            "rows": [[1, 2], [3, 4]],
            "total": 2,
        },
    )
    assert [(file.name, file.media_type) for file in reply.files] == [("plot-1.png", "image/png"), ("copy.csv", "text/csv")]
    assert reply.data
    assert (reply.data["stdout"], reply.data["status"], "error" in reply.data) == ("read\n", "ok", False)


async def test_a_model_reads_the_error_and_what_was_printed_before() -> None:
    reply = await call("print('begun')\n1 / 0")
    assert reply.text.startswith("begun\n\nTraceback")
    assert reply.text.endswith("ZeroDivisionError: division by zero")
    assert reply.data
    assert reply.data["error"].endswith("division by zero\n")


async def test_a_silent_program_says_so() -> None:
    assert (await call("x = 1")).text == "The program ended and printed nothing."


async def test_progress_is_the_last_line_printed() -> None:
    heard: list[str] = []
    await call("print('one')\nprint('two')", heard)
    assert heard[0] == "Running the program"
    assert heard[-1] == "two"


async def test_a_file_with_a_wrong_name_is_refused_in_words() -> None:
    with pytest.raises(ToolError, match="is not a name for a file"):
        await call("1", files={"../x": "y"})


async def test_a_person_calls_it_over_http_and_one_who_may_not_use_it_does_not_learn_of_it(
    charlie: User, alice_client: Client, charlie_client: Client
) -> None:
    await Grant.objects.acreate(
        tenant=charlie.tenant, person=charlie, effect="deny", action="use", kind="tool", target="code_execution"
    )
    body = {"name": "code_execution", "arguments": {"code": "print(6 * 7)"}}
    async with alice_client.rest() as rest:
        done = (await rest.post("/tools/call", json=body, timeout=90)).json()
        assert (done["isError"], done["structuredContent"]["stdout"]) == (False, "42\n")
    async with charlie_client.rest() as rest:
        assert (await rest.post("/tools/call", json=body)).status_code == 404
        assert "code_execution" not in (await rest.post("/tools/list", json={})).text


def test_it_reads_and_changes_nothing() -> None:
    spec = tool().spec
    assert (spec.risk, spec.annotations.open_world_hint, spec.annotations.destructive_hint) == (Risk.READ, False, False)


async def test_it_is_not_offered_where_the_self_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "This system has no Landlock."
    monkeypatch.setattr(self_test, "_found", (State(available=False, tier=None, reason=reason), time.monotonic()))
    assert tool().offered() == reason
    with pytest.raises(Unavailable, match="no Landlock"):
        await call("1")


async def test_a_tier_in_which_a_probe_gets_through_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    leaky = tmp_path / "probes.py"
    leaky.write_text(
        self_test.PROBES.read_text().replace("MUST_FAIL: dict", "MUST_FAIL = {'add': lambda: 1 + 1}\nIGNORED: dict")
    )
    monkeypatch.setattr(self_test, "PROBES", leaky)
    monkeypatch.setattr(self_test, "_found", None)
    state = await sandbox.state()
    assert not state.available
    assert state.reason.startswith("The sandbox does not hold on this machine: a program can add.")


async def test_without_its_environment_there_are_no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.find.cache_clear()
    monkeypatch.setattr(environment, "FOLDER", tmp_path)
    monkeypatch.setattr(self_test, "_found", None)
    try:
        state = await sandbox.state()
    finally:
        environment.find.cache_clear()
    assert (state.available, state.reason[:55]) == (False, "The sandbox's Python environment is not installed. `mak")
