"""The project package as an app: for its commands and checks only."""

from django.apps import AppConfig


class GalaxyConfig(AppConfig):
    """Registers the commands."""

    name = "galaxy"
