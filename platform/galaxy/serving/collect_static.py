"""Static files in `STATIC_ROOT`, collected only when a source has changed."""

import hashlib
import time
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

STAMP = ".collected-from"
KEPT_SECONDS = 30 * 24 * 3600


def refresh(root: Path) -> bool:
    """Collect changed files; return whether there were any."""
    stamp = root / STAMP
    now = _fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    _forget_old(root)
    stamp.write_text(now)
    return True


def _forget_old(root: Path) -> None:
    """Delete old files, but keep those of recent versions: their pages are still open, and other machines still serve them."""
    current = {root / name for pair in staticfiles_storage.hashed_files.items() for name in pair}  # type: ignore[attr-defined]
    long_ago = time.time() - KEPT_SECONDS
    for file in root.rglob("*"):
        if file.is_file() and file.stat().st_mtime < long_ago and file not in current and not file.name.startswith("."):
            file.unlink()


def _fingerprint() -> str:
    """Compute a fingerprint of every source's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
