"""The parts of this installation, their preparation, and their readiness."""

import asyncio
import os
import shutil
import signal
import sys
import webbrowser
from urllib.parse import urlsplit

import orjson

from galaxy.configuration.environment import ROOT, Environment, variables
from galaxy.configuration.paths import Places
from galaxy.services import mqtt, postgres, redis
from galaxy.services.local_model import endpoint as local_endpoint
from galaxy.services.local_model import part as local_model
from galaxy.services.supervision import lock
from galaxy.services.supervision.child import end_with_parent
from galaxy.services.supervision.listening import listen
from galaxy.services.supervision.log import BoundedLog
from galaxy.services.supervision.part import CannotStartError, Part
from galaxy.services.supervision.supervisor import Supervisor, say

MANAGE = [sys.executable, str(ROOT / "manage.py")]
RUNNER_WITHIN, WEB_WITHIN = 9.0, 3.0  # with the services' four seconds, the rest of fifteen


class Installation:
    """Runs everything that `up` starts, according to the settings."""

    def __init__(self, environment: Environment, places: Places, public_url: str) -> None:
        self.environment, self.places, self.public_url = environment, places, public_url
        self._lock = lock.DataLock(places.lock)
        self._supervisor = Supervisor(places, public_url, drain_seconds=environment.drain_seconds)

    async def run(self) -> int:
        """Run until stopped. Raises CannotStartError before anything is started."""
        self._make_folders()
        self._lock.take()
        try:
            if killed := await asyncio.to_thread(lock.end_leftovers, self.places.parts):
                say(f"Ended {killed} processes that an earlier run left behind.")
            self._listener = listen(self.environment.host, self.environment.port)
            with self._listener:
                return await self._supervisor.run(self._start())
        finally:
            self.places.embedder_socket.unlink(missing_ok=True)  # left by a process that was killed
            if not self.places.sockets.is_relative_to(self.places.data):
                shutil.rmtree(self.places.sockets, ignore_errors=True)
            self._lock.release()

    def _make_folders(self) -> None:
        try:
            self.places.data.mkdir(parents=True, exist_ok=True)
            self.places.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise CannotStartError(
                f"{self.places.data} cannot be written ({error.strerror}). Set DATA_DIR to a folder that you own."
            ) from error

    async def _start(self) -> None:
        say(f"Starting Galaxy. Its data is in {self.places.data}")
        await self._ask_outside()
        await self._supervisor.begin(await asyncio.to_thread(self._services))
        link = await self._prepare()
        await asyncio.gather(self._supervisor.begin(self._web()), self._supervisor.begin(self._makers()))
        await self._supervisor.until(self._missing)
        say(f"Galaxy is ready at {self.public_url}")
        say(f"Sign in as {self.environment.owner_email} with this link, once and within a day (`make link` prints another):")
        say(f"  {link}")
        say("Ctrl-C stops it.")
        if os.environ.get("OPEN") == "1":
            await asyncio.to_thread(webbrowser.open, link)

    async def _ask_outside(self) -> None:
        """Check the services that settings name. Raises CannotStartError, because nothing would work without them."""
        if not (self.environment.database_url or self.environment.redis_url or self.environment.mqtt_url):
            return
        from galaxy.services import outside  # noqa: PLC0415  with a client of Redis, 6 MB that would stay: few name a service

        asked = await outside.ask(self.environment)
        wrong = [f"{name} cannot be used: {why.reason}. {why.remedy}" for name, why in asked.items() if why]
        if wrong:
            raise CannotStartError("\n".join(wrong))

    def _services(self) -> list[Part]:
        """List the embedded services that no setting replaces. Raises CannotStartError naming a file that cannot be used."""
        wanted = (
            (self.environment.database_url, postgres.part),
            (self.environment.redis_url, redis.part),
            (self.environment.mqtt_url, mqtt.part),
        )
        if not self.environment.database_url and not self.places.postgres.exists():
            say("This is the first start: creating the database.")
        try:
            return [*(make(self.places) for url, make in wanted if not url), *self._local_model()]
        except OSError as error:
            raise CannotStartError(
                f"{error.filename or self.places.data} cannot be used ({error.strerror}). Give it to the user who runs Galaxy."
            ) from error

    def _local_model(self) -> list[Part]:
        chosen = local_model.wanted(self.environment, variables())
        if chosen is None:
            local_endpoint.withdraw(self.places)
            return []
        return [local_model.part(self.places, chosen, self.environment.local_model_context)]

    async def _prepare(self) -> str:
        """Bring database and static files up to date; return the sign-in link, which is never logged."""
        log = BoundedLog(self.places.logs, "prepare")
        code, link, errors = await _output_of(*MANAGE, "prepare", "--link")
        log.write(errors)
        if code:
            raise CannotStartError("\n".join(["The preparation failed:", *log.last_lines(), f"The whole log: {log.file}"]))
        return link.decode().strip()

    def _web(self) -> list[Part]:
        number = self._listener.fileno()
        return [
            _own(
                f"web-{n}",
                *("serve", "--fd", str(number), "--grace", "2", "--drain", "0"),  # the supervisor drains for all
                inherits=(number,),
                stop_within=WEB_WITHIN,
                drain_signal=signal.SIGUSR1,
            )
            for n in range(1, self.environment.web_processes + 1)
        ]

    def _makers(self) -> list[Part]:
        """List the processes that stop before the web processes, so that the ends of answers are still delivered."""
        runners = range(1, self.environment.runner_processes + 1)
        return [
            *(_own(f"runner-{n}", "runner", stop_within=RUNNER_WITHIN) for n in runners),
            _own("worker", "worker", "--beat", stop_within=RUNNER_WITHIN),
            _own("embedder", "embedder", stop_within=1.0, is_vital=False),
        ]

    async def _missing(self) -> str:
        """Name what the portal still lacks, as a client sees it; empty when it is ready."""
        head, _, body = (await self._answer("/readyz")).partition(b"\r\n\r\n")
        if head.split(b" ")[1:2] == [b"200"]:
            return ""
        try:
            parts = orjson.loads(body)["parts"]
        except (ValueError, KeyError):
            return head.decode(errors="replace").partition("\r\n")[0]
        return ", ".join(f"{name} is {part['status']}" for name, part in parts.items() if part["status"] != "up")

    async def _answer(self, path: str) -> bytes:
        host = self.environment.host
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  where it listens on all
        reader, writer = await asyncio.open_connection(address, self.environment.port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {urlsplit(self.public_url).netloc}\r\n\r\n".encode())
            return await reader.read()
        finally:
            writer.close()


async def _output_of(*command: str) -> tuple[int, bytes, bytes]:
    """Run a command and return its exit code and output. It ends on cancellation, and with the supervisor."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=end_with_parent(),
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output, errors


def _own(
    name: str,
    *command: str,
    stop_within: float,
    inherits: tuple[int, ...] = (),
    drain_signal: signal.Signals | None = None,
    is_vital: bool = True,
) -> Part:
    """Describe one of Galaxy's own processes."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}  # glibc pools freed memory by thread
    return Part(
        name=name,
        command=[*MANAGE, *command],
        environment=environment,
        folder=str(ROOT),
        inherits=inherits,
        stop_within=stop_within,
        drain_signal=drain_signal,
        is_vital=is_vital,
    )
