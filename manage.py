#!/usr/bin/env python
"""The one door to every process: puts the root and `platform/` on the path, then hands over to Django."""

import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run one management command."""
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "galaxy.settings")
    from django.core.exceptions import ImproperlyConfigured  # the path must be set first
    from django.core.management import execute_from_command_line, load_command_class
    from django.db import OperationalError

    if sys.argv[1:] == ["doctor"]:  # it must work where the settings do not, and leave everything as it is
        load_command_class("galaxy", "doctor").handle()
        return
    try:
        if sys.argv[1:2] == ["up"]:  # it stays, and needs no app: 60 MB less
            load_command_class("galaxy", "up").run_from_argv(sys.argv)
        else:
            gc.disable()  # until the apps are loaded (galaxy.apps): all of that stays, and to look for garbage is a tenth of it
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong. {error}")
    except OperationalError:
        sys.exit("The database does not answer. Start Galaxy first, and name the same DATA_DIR or DATABASE_URL here.")


if __name__ == "__main__":
    main()
