"""Harmless programs work, with numpy, pandas and matplotlib, for root and for other users, and what they make comes back."""

import json

import pytest

from tests.tools.sandbox import as_user
from tests.tools.sandbox.harmless import wrong
from tools import sandbox


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tier", ["process", "bubblewrap"])
def test_harmless_programs_work_for_another_user(tier: str) -> None:
    done = as_user.python("-m", "tests.tools.sandbox.harmless", tier, user=as_user.USER)
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {}


async def test_harmless_programs_work_here() -> None:
    tier = (await sandbox.state()).tier
    assert tier
    assert await wrong(tier) == {}
