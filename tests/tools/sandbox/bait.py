"""Targets of attacks: files, services and a process beside the sandbox, which notice when they are reached."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
SECRET = "GALAXY_TEST_SECRET"


class Bait:
    """The things, and what happened to them. Files belong to the user as whom attacks run, where root can give them away."""

    def __init__(self, user: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="galaxy-test-bait-"))
        self.user = user if os.geteuid() == 0 else -1
        self._make_files()
        self._tcp = self._bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._udp = self._bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._unix = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "service.sock"))
        self._datagrams = self._bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "datagrams.sock"))
        self.abstract = f"galaxy-test-{os.getpid()}-{id(self)}"
        self._abstract = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)
        identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if self.user >= 0 else {}
        self._victim = subprocess.Popen(["/bin/sleep", "300"], env={SECRET: SECRET}, start_new_session=True, **identity)
        self._open = [os.open(self.folder, os.O_RDONLY), self._tcp.fileno()]
        for number in self._open:
            os.set_inheritable(number, True)  # as a careless library would leave them
        self.before = self.state()

    def _make_files(self) -> None:
        shared = self.folder / "shared"
        shared.mkdir()
        for name in ("secret.txt", "owned.txt", "shared/moved.txt", "shared/removed.txt"):
            (self.folder / name).write_text(SECRET)
        for path in (self.folder, shared, *self.folder.rglob("*")):
            if self.user >= 0:
                os.chown(path, self.user, self.user)
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _bound(self, family: int, kind: int, address: Any) -> socket.socket:
        server = socket.socket(family, kind)
        server.setblocking(False)
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen()
        if isinstance(address, str) and not address.startswith("\0"):
            Path(address).chmod(0o777)
        return server

    def given(self) -> dict[str, Any]:
        """Facts that the attackers are given."""
        return {
            "folder": str(self.folder),
            "port": self._tcp.getsockname()[1],
            "udp_port": self._udp.getsockname()[1],
            "unix": str(self.folder / "service.sock"),
            "unix_datagram": str(self.folder / "datagrams.sock"),
            "abstract": self.abstract,
            "victim": self._victim.pid,
            "checkout": str(ROOT),
            "packages": next(path for path in sys.path if path.endswith("site-packages")),
        }

    def state(self) -> dict[str, Any]:
        """State that attacks could have changed."""
        files = {str(path.relative_to(self.folder)): self._look(path) for path in sorted(self.folder.rglob("*"))}
        process = Path(f"/proc/{self._victim.pid}").stat().st_uid, os.getpriority(os.PRIO_PROCESS, self._victim.pid)
        return {"files": files, "process": process, "alive": self._victim.poll() is None}

    def _look(self, path: Path) -> tuple[Any, ...]:
        state = path.lstat()
        return state.st_mode, state.st_uid, state.st_nlink, state.st_mtime_ns, path.read_bytes() if path.is_file() else b""

    def reached(self) -> list[str]:
        """Services that heard something."""
        found = []
        for server in (self._tcp, self._udp, self._unix, self._datagrams, self._abstract):
            try:
                server.accept() if server.type == socket.SOCK_STREAM else server.recv(10)
            except BlockingIOError:
                continue
            found.append(f"{server.family.name} {server.type.name}")
        return found

    def remove(self) -> None:
        self._victim.kill()
        self._victim.wait()
        os.close(self._open[0])
        for server in (self._tcp, self._udp, self._unix, self._datagrams, self._abstract):
            server.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def laid_out(user: int) -> Iterator[Bait]:
    bait = Bait(user)
    try:
        yield bait
    finally:
        bait.remove()
