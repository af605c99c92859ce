"""Programs that take too much time, memory, disk or output, that crash or that lie end as they must, in every tier."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from tests.tools.sandbox import as_user
from tests.tools.sandbox.test_attacks import ROOT_ONLY
from tests.tools.sandbox.too_far import FORGED, PROGRAMS
from tools import sandbox


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("tier", "user"),
    [pytest.param("namespaces", 0, marks=ROOT_ONLY), ("process", as_user.USER)],
)
def test_programs_that_go_too_far_are_ended(tier: str, user: int) -> None:
    done = as_user.python("-m", "tests.tools.sandbox.too_far", tier, user=user)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: end for name, end in found.items() if end[0] not in PROGRAMS[name].ends} == {}
    assert [name for name, end in found.items() if "fired" in end[1]] == []


def folders_left(user: int) -> list[Path]:
    return list(Path(tempfile.gettempdir(), f"galaxy-{user}-python").glob("*-*"))


async def test_what_a_program_says_of_its_files_is_not_believed() -> None:
    lie = {"status": "ok", "files": ["../../etc/passwd", "/a\u202etxt.exe", "page.html", "\n\t"], "plots": 1, "tables": []}
    code = FORGED + f"send(frame(b'j', {json.dumps(lie).encode()!r}) + frame(b'b', b'<html>') * 5)\nos._exit(0)"
    outcome = await sandbox.run(code)
    assert outcome.status == "ok", outcome
    assert [(file.name, file.media_type) for file in outcome.files] == [
        ("etc/passwd", "application/octet-stream"),
        ("atxt.exe", "application/octet-stream"),
        ("page.html", "application/octet-stream"),
        ("file", "application/octet-stream"),
    ]
    assert outcome.plots == ()


async def test_pages_pictures_with_scripts_and_disguised_files_are_downloads() -> None:
    names = ["page.html", "picture.svg", "picture.png", "page.xhtml", "page.js", "page.xml", "page.HTM", "page"]
    outcome = await sandbox.run(f"for name in {names}:\n  open(name, 'w').write('<script>alert(1)</script>')")
    assert sorted(file.name for file in outcome.files) == sorted(names)
    assert {file.media_type for file in outcome.files} == {"application/octet-stream"}


async def test_files_beyond_the_limits_are_left_out_and_named() -> None:
    code = "for each in range(25): open(f'{each:02}.csv', 'w').write('a,b')\nopen('a-large.csv', 'w').write('x' * 30_000_000)"
    outcome = await sandbox.run(code)
    assert len(outcome.files) == 20
    assert "a-large.csv" in outcome.left_out
    assert len(outcome.left_out) == 6


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd", "a/../../b", "..", ""])
async def test_a_file_cannot_be_given_to_another_place(name: str) -> None:
    with pytest.raises(sandbox.WrongName):
        await sandbox.run("1", files={name: b"x"})


async def test_nothing_is_left_of_programs() -> None:
    await sandbox.run("open('left.txt', 'w').write('x')")
    assert folders_left(os.geteuid()) == []
