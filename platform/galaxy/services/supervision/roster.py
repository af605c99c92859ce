"""List of the running processes: a small JSON file for tests, `doctor` and the next start."""

import os
from collections.abc import Iterable
from pathlib import Path

import orjson

from galaxy.configuration.paths import Places
from galaxy.services.supervision.keeper import Keeper
from galaxy.services.supervision.lock import birth, is_held


def write(file: Path, url: str, keepers: Iterable[Keeper], *, ready: bool) -> None:
    """Replace the file with the current state."""
    parts = {keeper.part.name: _line(keeper) for keeper in keepers}
    draft = file.with_suffix(".draft")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_bytes(orjson.dumps({"supervisor": os.getpid(), "url": url, "ready": ready, "parts": parts}))
        draft.replace(file)
    except OSError:
        pass  # a full disk must not end the supervisor


def address(places: Places) -> str:
    """Return the address of the Galaxy that runs on this folder; empty if none runs.

    It may run with other settings than this process, such as `PORT=8001 make run`.
    """
    try:
        return str(orjson.loads(places.parts.read_bytes())["url"]) if is_held(places.lock) else ""
    except (OSError, ValueError, KeyError):
        return ""


def without_database(places: Places, url: str) -> str:
    """Explain an unreachable database: which one was tried, and how to choose another."""
    if url:
        return "The database of DATABASE_URL does not answer. Start it, or correct DATABASE_URL."
    return (
        f"No database answers in {places.data}. Start Galaxy first: make run. "
        "If it runs on another folder, set DATA_DIR to that folder here, too."
    )


def _line(keeper: Keeper) -> dict[str, int | str]:
    pid = keeper.child.pid if keeper.child else 0
    return {"pid": pid, "birth": birth(pid) if pid else 0, "state": keeper.state, "restarts": max(keeper.restarts, 0)}
