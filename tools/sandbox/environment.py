"""The sandbox's own Python environment, and what of this machine a program needs to read to use it.

It is made at installation (`.ci/install`), never at run time, and has nothing of Galaxy in it.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.sandbox.values import NotAvailable

FOLDER = (Path(__file__).resolve().parents[2] / ".venv-sandbox").resolve()
ASK = """import json, sys, sysconfig
get = sysconfig.get_config_var
print(json.dumps([sysconfig.get_path("stdlib"), get("LIBDIR") or "", get("INSTSONAME") or "", get("MULTIARCH") or "",
    f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"]))"""
SYSTEM = ("/etc/ld.so.cache", "/usr/share/zoneinfo")
LIBRARIES_OF_A_PROCESSOR = ("/lib/{0}", "/usr/lib/{0}", "/lib64", "/usr/lib64")
ALL_LIBRARIES = ("/lib", "/usr/lib")  # where a system does not sort them by processor
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


class Environment(NamedTuple):
    """The Python program and all that it reads."""

    program: str
    packages: str
    fonts: str
    standard_library: str
    readable: tuple[str, ...]
    links: dict[str, str]


@cache
def find() -> Environment:
    """Look the environment up; it takes the time of starting Python. Raises NotAvailable if it is missing or broken."""
    installed = FOLDER / "bin" / "python"
    fonts = next(iter(sorted(FOLDER.glob("fonts/fontlist-*.json"))), None)
    if not installed.exists() or fonts is None:
        raise NotAvailable("The sandbox's Python environment is not installed. `make run` installs it.")
    # The Python that the environment was made from: its path has no links, and it takes nothing from the environment by itself.
    program = os.path.realpath(installed)
    standard_library, folder, library, triplet, packages = _ask(program)
    named = [program, standard_library, *_libraries(triplet), *SYSTEM]
    if library:
        named.append(str(Path(folder, library)))
    paths = dict.fromkeys(os.path.realpath(path) for path in named if Path(path).exists())
    return Environment(program, str(FOLDER / packages), str(fonts), standard_library, (str(FOLDER), *paths), _links())


def _ask(program: str) -> list[str]:
    command = [program, "-I", "-S", "-c", ASK]
    try:
        done = subprocess.run(command, capture_output=True, env={}, check=True, timeout=60)  # noqa: S603  our own
        found: list[str] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise NotAvailable(
            "The sandbox's Python environment is broken. Remove .venv-sandbox; `make run` makes it again."
        ) from None
    return found


def _libraries(triplet: str) -> list[str]:
    found = [path.format(triplet) for path in LIBRARIES_OF_A_PROCESSOR if Path(path.format(triplet)).is_dir()]
    return found if any(triplet in path for path in found if triplet) else [*found, *ALL_LIBRARIES]


def _links() -> dict[str, str]:
    """Links of the system to its folders of libraries, which programs are linked against by name."""
    return {path: str(Path(path).readlink()) for path in ("/lib", "/lib64") if Path(path).is_symlink()}
