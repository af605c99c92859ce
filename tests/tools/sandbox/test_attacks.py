"""Attacks on the sandbox hold in every tier, for root and for other users. The same attacks get through without walls."""

import os
import shutil

import msgspec
import pytest

from tests.tools.sandbox import as_user
from tests.tools.sandbox.survey import AREAS, Survey, names
from tools import sandbox

pytestmark = pytest.mark.timeout(300)
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="Another tier for root.")
# Refused to any user without rights, or missing in some kernels: here only the walls' tests say that they hold.
REFUSED_TO_ALL = {
    "network: try_the_kernels_ciphers",
    "files: try_the_environments_packages",
    "processes: try_memory_of_a_process",
    "kernel: try_entering_a_namespace",
    "kernel: try_becoming_root",
    "kernel: try_becoming_root_again",
    "kernel: try_capabilities",
    "kernel: try_filter_programs_in_the_kernel",
    "kernel: try_performance_counters",
    "kernel: try_messages_of_the_kernel",
}


def surveyed(tier: str, user: int) -> Survey:
    done = as_user.python("-m", "tests.tools.sandbox.survey", tier, user=user)
    assert done.returncode == 0, done.stderr[-3000:]
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Survey)


async def test_programs_are_within_walls_on_this_machine() -> None:
    state = await sandbox.state()
    assert state.available, state.reason
    assert state.tier == ("namespaces" if os.geteuid() == 0 else state.tier)


@pytest.mark.parametrize(
    ("tier", "user"),
    [
        pytest.param("namespaces", 0, marks=ROOT_ONLY),
        pytest.param("process", 0, marks=ROOT_ONLY),
        ("process", as_user.USER),
        ("bubblewrap", as_user.USER),
    ],
)
def test_no_attack_gets_through(tier: str, user: int) -> None:
    assert tier != "bubblewrap" or shutil.which("bwrap"), ".ci/test-programs installs bubblewrap."
    found = surveyed(tier, user)
    assert [name for name, got_through in found.fired.items() if got_through] == []
    assert len(found.fired) == sum(len(names(area)) for area in AREAS) > 100
    assert (found.reached, found.untouched, found.left_running) == ([], True, 0)


def test_the_same_attacks_get_through_without_walls() -> None:
    found = surveyed("unwalled", as_user.USER)
    assert {name for name, got_through in found.fired.items() if not got_through} <= REFUSED_TO_ALL
    assert len(found.reached) == 5
    assert not found.untouched
