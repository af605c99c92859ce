"""Galaxy as its users run it: `manage.py up` in a folder of its own, with the stand-in provider server beside it.

Its data folder begins as a copy of what a first start leaves; `from_nothing` makes it begin empty.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from galaxy.services.supervision.child import end_with_parent
from tests import first_start
from tests.client import BUTTON
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
LINK = re.compile(r"http://\S+/sign-in/link/\S+")
START_WITHIN = 240.0  # seconds; a first start beside other load takes some
KEY = "sk-planted-secret-000000000000"  # tests look for it where no key may be

MODELS = """
llms:
  - {{name: "Stand-in", provider: openai, model_name: stand-in-small, base_url: "{url}/v1", api_key: "{key}"}}
  - {{name: "Stand-in large", provider: openai, model_name: stand-in-large, base_url: "{url}/v1", api_key: "{key}"}}
  - {{name: "Stand-in priced", provider: openai, model_name: gpt-4o-mini, base_url: "{url}/v1", api_key: "{key}"}}
  - {{name: "dead", provider: openai, model_name: dead, base_url: "http://127.0.0.1:{closed}/v1", api_key: "{key}"}}
"""


# Of a provider with a wire of its own: the runner loads LiteLLM for it, which costs seconds and 200 MB.
CLAUDE = """
  - {{name: "Stand-in Claude", provider: anthropic, model_name: stand-in-large, base_url: "{url}/v1", api_key: "{key}"}}
"""

# Of providers whose OpenAI-compatible doors have habits of their own; and models that take no tools, one without saying so.
DOORS = """
  - {{name: "Stand-in Gemini", provider: gemini, model_name: stand-in-large, base_url: "{url}/v1beta", api_key: "{key}"}}
  - {{name: "Stand-in Ollama", provider: ollama, model_name: stand-in-small, base_url: "{url}/ollama"}}
  - {{name: "Stand-in Ollama's own", provider: openai_compatible, model_name: stand-in-small, base_url: "{url}/own/v1"}}
  - {{name: "Stand-in plain", provider: ollama, model_name: stand-in-plain, base_url: "{url}/ollama"}}
  - {{name: "Stand-in told", provider: vllm, model_name: stand-in-plain-told, base_url: "{url}/v1", tools: false}}
"""


def environment(data_dir: Path, port: int, **settings: str) -> dict[str, str]:
    """The settings of a test installation, by name. Every other setting has its default, whatever `.env` says."""
    chosen = {
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "LLM_CONFIG_FILE": str(data_dir / "llms.yml"),
        "FIND_MODELS": "false",
        "LOCAL_MODEL": "off",
        "TITLE_MODEL": "none",  # most tests count what a model was asked
        "FIRST_TOKEN_SECONDS": "2",
        "BETWEEN_TOKENS_SECONDS": "2",
        "DRAIN_SECONDS": "0",  # no load balancer asks
        "WORDLESS_SECONDS": "8",
        "PARALLEL_ANSWERS": "1000",  # most tests are about other things
    }
    return _defaults() | chosen | settings


def _defaults() -> dict[str, str]:
    documented = re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return dict.fromkeys(documented, "")  # an empty setting is one that is not set


class Providers:
    """The stand-in provider server as a process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.providers", "--with-parent"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().rpartition(" ")[2].strip()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


class Galaxy:
    """One installation. `kill` and `until_ready` take a part's name: postgres, redis, mqtt, web, runner, worker."""

    from_nothing = False

    def __init__(self, data_dir: Path, port: int, providers: Providers, *, models: str = MODELS, **settings: str) -> None:
        self.models = models
        self.data_dir, self.port, self.providers = data_dir, port, providers
        self.env = os.environ | environment(data_dir, port, **settings)
        self.base_url, self.ws_url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws/chat"
        self.console = data_dir / "console.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self._killed: set[int] = set()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.begin()
        deadline = time.monotonic() + START_WITHIN
        while not self.state().get("ready"):
            assert self.process
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Galaxy did not start:\n{self.said()}")
            time.sleep(0.05)

    def begin(self) -> None:
        """Start it and do not wait."""
        if not self.from_nothing and not (self.data_dir / "postgres").exists() and not self.env["DATABASE_URL"]:
            first_start.copy_to(self.data_dir, self._start_once_in)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        models = self.models.format(url=self.providers.url, key=KEY, closed=free_port())
        (self.data_dir / "llms.yml").write_text(models)
        (self.data_dir / "run" / "parts.json").unlink(missing_ok=True)
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(
                [*MANAGE, "up"],
                env=self.env,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent(),  # a test run that is killed leaves nothing behind
            )

    def _start_once_in(self, data_dir: Path) -> None:
        first = Galaxy(data_dir, free_port(), self.providers)
        first.from_nothing = True
        first.start()
        first.stop()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 20) -> int:
        """Send the signal and wait for the end; gives the exit code."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(within)

    def said(self) -> str:
        """Everything printed on the console."""
        return self.console.read_text()

    def logged(self, name: str) -> str:
        """Everything that the parts of that name wrote into their logs."""
        return "".join(path.read_text() for path in sorted((self.data_dir / "logs").glob(f"{name}*")))

    def state(self) -> dict[str, Any]:
        """The supervisor's report on its parts."""
        try:
            state: dict[str, Any] = json.loads((self.data_dir / "run" / "parts.json").read_bytes())
        except FileNotFoundError:
            return {}
        return state

    def parts(self, name: str = "") -> dict[str, dict[str, Any]]:
        """The parts of that name (all without one): `pid`, `state`, `restarts`."""
        parts: dict[str, dict[str, Any]] = self.state().get("parts", {})
        return {key: part for key, part in parts.items() if not name or key == name or key.startswith(f"{name}-")}

    def pids(self, name: str = "") -> list[int]:
        """The processes of the parts of that name."""
        return [part["pid"] for part in self.parts(name).values() if part["pid"]]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL, *, family: bool = False) -> None:
        """Send the signal to every process of the parts of that name; with `family`, to their children too."""
        for pid in [*self.pids(name), *(self._children(name) if family else ())]:
            (self._killed.discard if number == signal.SIGCONT else self._killed.add)(pid)
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def _children(self, name: str) -> list[int]:
        return [child.pid for pid in self.pids(name) for child in psutil.Process(pid).children(recursive=True)]

    async def until_ready(self, name: str, *, within: float = 60) -> None:
        """Wait until every part of that name serves again, in a process that was not killed."""
        async with asyncio.timeout(within):
            while not self._serves(name):
                await asyncio.sleep(0.02)

    def _serves(self, name: str) -> bool:
        parts = self.parts(name).values()
        return bool(parts) and all(part["state"] == "ready" and part["pid"] not in self._killed for part in parts)

    def manage(self, *command: str) -> str:
        """Run a command of this installation; gives what it prints."""
        done = subprocess.run(
            [*MANAGE, *command], env=self.env, cwd="/", capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    def owner_cookie(self) -> str:
        """A session of the owner, by a sign-in link as the console shows it."""
        response = httpx.post(self.manage("sign_in_link").strip(), timeout=20, **BUTTON)
        return str(response.cookies["galaxy_session"])
