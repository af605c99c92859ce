#!/usr/bin/env python
"""The one door to every process: puts the root and `platform/` on the path, then hands over to Django."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run one management command."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "galaxy.settings")
    from django.core.management import execute_from_command_line  # the path must be set first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
