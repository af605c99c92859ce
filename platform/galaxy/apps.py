"""The project package as an app, for its commands and checks only."""

import gc
from importlib import import_module

from django.apps import AppConfig


class GalaxyConfig(AppConfig):
    """Registers the commands and the checks."""

    name = "galaxy"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        import_module("galaxy.doctor.system_checks")
        gc.freeze()  # `manage.py` disabled it so far: every app is loaded now, and scanning all of that takes 40 ms
        gc.enable()
