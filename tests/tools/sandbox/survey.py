"""Runs every attack within a tier, or without walls, and prints as JSON which of them got through.

    python -m tests.tools.sandbox.survey namespaces|bubblewrap|process|unwalled

Several attacks share a child: one that is refused harms no other. Without walls they run as an unprivileged user only.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tests.tools.sandbox.bait import SECRET, Bait, laid_out
from tools.sandbox import environment, tiers
from tools.sandbox.running import run_in
from tools.sandbox.values import Limits

AREAS = ("network", "files", "processes", "kernel")
PLACE = 12  # not one of the queue's, so that no other program has its user
LIMITS = Limits(seconds=60)
ATTACKS = Path(__file__).with_name("attacks")
TRY_ALL = """
def _try(attack):
    try:
        return bool(attack())
    except Exception:
        return False

print("RESULT", json.dumps({name: _try(value) for name, value in list(globals().items()) if name.startswith("try_")}))
"""


class Survey(msgspec.Struct):
    """Outcome of the attacks: by area and name, whether each got through; what was touched, and what still ran."""

    fired: dict[str, bool]
    reached: list[str]
    untouched: bool
    left_running: int


def names(area: str) -> list[str]:
    """The attacks of an area."""
    return [line.split("(")[0][4:] for line in (ATTACKS / f"{area}.py").read_text().splitlines() if line.startswith("def try_")]


async def survey(tier: Any) -> Survey:
    """Try all within the tier."""
    fired: dict[str, bool] = {}
    with laid_out(tiers.user_for(PLACE)) as bait:
        for area in AREAS:
            program = (ATTACKS / f"{area}.py").read_text() + TRY_ALL
            outcome = await run_in(tier, PLACE, program, {"given.json": json.dumps(bait.given()).encode()}, LIMITS)
            fired |= _read(area, outcome.stdout, f"{outcome.error} {outcome.stderr}")
        return _survey(fired, bait)


def survey_without_walls() -> Survey:
    """Try all as an ordinary process of this user, who must not be root."""
    assert os.geteuid() != 0
    fired: dict[str, bool] = {}
    with laid_out(-1) as bait:
        for area in AREAS:
            fired |= _read(area, *_without_walls(area, bait))
        return _survey(fired, bait)


def _without_walls(area: str, bait: Bait) -> tuple[str, str]:
    found = environment.find()
    program = (ATTACKS / f"{area}.py").read_text() + TRY_ALL
    with tempfile.TemporaryDirectory() as work:
        Path(work, "given.json").write_text(json.dumps(bait.given()))
        command = [found.program, "-I", "-S", "-c", f"import sys; sys.path.append({found.packages!r})\n{program}"]
        done = subprocess.run(
            command, cwd=work, env={SECRET: SECRET}, close_fds=False, capture_output=True, text=True, timeout=120, check=False
        )
    return done.stdout, done.stderr


def _read(area: str, stdout: str, otherwise: str) -> dict[str, bool]:
    line = next((line for line in stdout.splitlines() if line.startswith("RESULT ")), None)
    assert line, f"{area} did not finish: {otherwise} {stdout[-500:]}"
    return {f"{area}: {name}": got_through for name, got_through in json.loads(line[7:]).items()}


def _survey(fired: dict[str, bool], bait: Bait) -> Survey:
    return Survey(fired, bait.reached(), bait.state() == bait.before, _running(bait.user))


def _running(user: int) -> int:
    """Processes that this user still has, besides the victim. Only root can give attackers a user of their own."""
    if user < 0:
        return 0
    return sum(_owner(path) == user for path in Path("/proc").iterdir() if path.name.isdigit()) - 1


def _owner(process: Path) -> int:
    try:
        return process.stat().st_uid
    except OSError:
        return -1


if __name__ == "__main__":
    os.environ[SECRET] = SECRET
    result = survey_without_walls() if sys.argv[1] == "unwalled" else asyncio.run(survey(sys.argv[1]))
    print(msgspec.json.encode(result).decode())
