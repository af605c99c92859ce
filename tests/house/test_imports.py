"""Imports fall one way (pyproject.toml, import-linter), a breach is caught, and heavy libraries stay where they belong."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.stack import MANAGE, ROOT

LINT = str(Path(sys.executable).with_name("lint-imports"))
PACKAGES = ("accounts", "chat", "embeddings", "platform", "tools", "pyproject.toml")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'platform'}"}
    return subprocess.run([LINT, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in PACKAGES:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", "management")
        shutil.copytree(source, tmp_path / name, ignore=ignore) if source.is_dir() else shutil.copy(source, tmp_path)
    return tmp_path


def test_the_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


# One breach at least for each contract.
BREACHES = (
    ("accounts/models/grants.py", "import chat.models"),
    ("chat/models/conversations.py", "import galaxy.settings"),
    ("chat/events.py", "import django.db"),
    ("chat/runs/loop/answer.py", "import django.db"),
    ("chat/errors.py", "import chat.models"),
    ("chat/log/lines.py", "import chat.log.writer"),
    ("tools/registry.py", "import tools.calls"),
    ("embeddings/errors.py", "import embeddings.asking"),
    ("embeddings/e5/network.py", "import django.db"),
    ("tools/builtin/sql/child/job.py", "import django.db"),
    ("chat/runs/usage.py", "import chat.runs.asking"),
    ("chat/providers/known/registry.py", "import chat.providers.routing"),
    ("accounts/models/grants.py", "import accounts.audit"),
    ("accounts/sign_in/frame.py", "import accounts.sign_in.login_flow"),
    ("accounts/identity/claims.py", "import accounts.identity.callers"),
    ("accounts/oauth/bearer.py", "import accounts.oauth.validator"),
)


def test_a_planted_breach_of_each_contract_is_caught(copied: Path) -> None:
    for file, breach in BREACHES:
        with (copied / file).open("a") as handle:
            handle.write(f"\n{breach}\n")
    said = " ".join(lint(copied).stdout.split())  # long names are broken over lines
    assert [contract["name"] for contract in CONTRACTS if f"{contract['name']} BROKEN" not in said] == []


def test_a_module_that_no_layer_places_is_caught(copied: Path) -> None:
    containers = [place for contract in CONTRACTS if contract.get("exhaustive") for place in contract["containers"]]
    for place in containers:
        (copied / place.replace(".", "/") / "newcomer.py").write_text("")
    said = lint(copied).stdout
    assert {"accounts", "accounts.oauth", "accounts.sign_in", "chat", "chat.providers"} <= set(containers)
    assert [place for place in containers if f"{place}.newcomer" not in said] == []


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Modules that a web process has loaded."""
    code = (
        "import sys; sys.argv = ['manage.py', 'check']; import runpy\n"
        "try: runpy.run_path('manage.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "import galaxy.asgi; print(*sys.modules)"
    )
    environment = os.environ | {"DATA_DIR": str(tmp_path_factory.mktemp("loaded"))}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


UNNEEDED = (
    "litellm",
    "daphne",
    "twisted",
    "amqtt",
    "boto3",
    "celery",
    "httpx",
    "aiohttp",
    "requests",
    "fido2",
    "jsonschema",
    "sqlglot",
    "pint",
    "selectolax",
    "numpy",
    "onnxruntime",
    "sentencepiece",
)


@pytest.mark.parametrize("library", UNNEEDED)
def test_a_web_process_does_not_load(loaded: list[str], library: str) -> None:
    assert "galaxy.asgi" in loaded
    assert library not in loaded


def test_every_process_starts_through_manage(tmp_path: Path) -> None:
    done = subprocess.run(
        [*MANAGE, "help", "--commands"],
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"up", "stop", "serve", "runner", "worker", "prepare", "doctor", "sign_in_link"} <= set(done.stdout.split())
