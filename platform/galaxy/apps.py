"""The project package as an app: for its commands and checks only."""

import gc
from importlib import import_module

from django.apps import AppConfig


class GalaxyConfig(AppConfig):
    """Registers the commands and the checks."""

    name = "galaxy"

    def ready(self) -> None:
        """A check registers itself when its module is imported."""
        import_module("galaxy.checks")
        gc.freeze()  # `manage.py` switched it off up to here: every app is loaded, and to look at all of that takes 40 ms
        gc.enable()
