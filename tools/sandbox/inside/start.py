"""Beginning of the child: it raises the walls around itself, then takes the program from its parent and runs it."""

from __future__ import annotations

import marshal
import os
import types

from . import frames, identity, landlock, limits, namespaces, program, seccomp
from .json_text import encode
from .kernel import WallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan


def main(given: str) -> None:
    """Run the program that comes by standard input, within the plan."""
    plan: Plan = types.SimpleNamespace(**marshal.loads(bytes.fromhex(given)))  # type: ignore[assignment]  # noqa: S302  ours
    try:
        _raise_walls(plan)
    except (WallError, OSError, ValueError) as error:
        frames.write(plan.results, frames.REFUSED, str(error).encode())
        os._exit(1)
    frames.write(plan.results, frames.READY)
    try:
        code = _receive()
    except OSError as error:
        words = f"The program's files could not be written: {error.strerror}."
        frames.write(plan.results, frames.REPORT, encode({"status": "error", "error": words}).encode())
        os._exit(0)
    program.run(code, plan)


def _raise_walls(plan: Plan) -> None:
    limits.yield_to_galaxy()
    if plan.namespaces:
        namespaces.enter(plan)
    identity.become(plan.user)
    identity.die_with(plan.parent)
    os.chdir(plan.work)
    os.umask(0o077)
    limits.restrict(plan)
    landlock.restrict(plan)
    seccomp.restrict()


def _receive() -> str:
    """Write the files that come with the program, and return its text."""
    code, name = "", ""
    with open(0, "rb") as stream:
        for kind, payload in frames.unpack(stream):
            if kind == frames.CODE:
                code = payload.decode("utf-8", "surrogatepass")
            elif kind == frames.NAME:
                name = payload.decode()
            elif kind == frames.CONTENT:
                _write(name, payload)
    os.open(os.devnull, os.O_RDONLY)  # in the place of standard input
    return code


def _write(name: str, content: bytes) -> None:
    folder = os.path.dirname(name)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(name, "wb") as file:
        file.write(content)
