"""Whatever is sent to the REST door, valid by its schema or not, makes nothing of Galaxy fail (Schemathesis)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import Client
from tests.doors.table import REST
from tests.stack import Galaxy

EXAMPLES = 12


@pytest.mark.timeout(280)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_no_request_makes_the_rest_door_fail(galaxy: Galaxy, alice_client: Client, tmp_path: Path, mode: str) -> None:
    headers = [part for name, value in alice_client.headers.items() for part in ("--header", f"{name}: {value}")]
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{galaxy.base_url}/api/openapi.json", *headers]
    limits = ["--max-examples", str(EXAMPLES), "--generation-deterministic", "--phases", "examples,fuzzing", "--mode", mode]
    streams = ["--exclude-path-regex", "events$|/sse$|/notices$", "--checks", "not_a_server_error", "--request-timeout", "20"]
    streams += ["--suppress-health-check", "too_slow"]  # how fast this machine makes examples says nothing of the door
    done = subprocess.run([*command, *limits, *streams], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested
    assert int(tested[1]) > len(REST) / 3  # what has nothing to get wrong is left out where everything is to be wrong
