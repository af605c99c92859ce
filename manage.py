#!/usr/bin/env python
"""Entry point of every process: puts the root and `platform/` on the path, then hands over to Django."""

import gc
import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WITHOUT_APPS = ("up", "embedder")  # these keep running and need no app, which saves 60 MB
NEED_A_GALAXY = ("sign_in_link", "invite", "switch_provider", "import_models")


def main() -> None:
    """Run one management command."""
    _bring_packages()
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "galaxy.settings")
    from django.core.exceptions import ImproperlyConfigured  # the path must be set first
    from django.core.management import execute_from_command_line, load_command_class
    from django.db import OperationalError

    if sys.argv[1:] == ["doctor"]:  # it must work where the settings do not, and leave everything as it is
        load_command_class("galaxy", "doctor").handle()
        return
    try:
        if sys.argv[1:2] and sys.argv[1] in NEED_A_GALAXY:
            _refuse_without_galaxy()
        if sys.argv[1:2] and sys.argv[1] in WITHOUT_APPS:
            load_command_class("galaxy", sys.argv[1]).run_from_argv(sys.argv)
        else:
            gc.disable()  # until the apps are loaded (galaxy.apps): all of it stays, and collecting costs a tenth of it
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong. {error}")
    except OperationalError:
        sys.exit(_without_database())


def _bring_packages() -> None:
    """Restart with the Python that `make run` prepares, if this one has no Django."""
    if find_spec("django"):
        return
    if (VENV / "bin" / "python").exists() and Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(VENV / "bin" / "python", [str(VENV / "bin" / "python"), *sys.argv])  # noqa: S606  no shell is meant
    sys.exit("The packages that Galaxy needs are not installed here. `make run` installs them and starts Galaxy.")


def _refuse_without_galaxy() -> None:
    """Stop if no Galaxy ever ran here, before the settings create secrets."""
    from galaxy.configuration import environment
    from galaxy.configuration.paths import Places
    from galaxy.services.supervision import roster

    given = environment.read()
    places = Places(given.data_path())
    if not given.database_url and not places.postgres.exists():
        sys.exit(roster.without_database(places, given.database_url))


def _without_database() -> str:
    from django.conf import settings

    from galaxy.services.supervision import roster

    return roster.without_database(settings.PLACES, settings.ENVIRONMENT.database_url)


if __name__ == "__main__":
    main()
