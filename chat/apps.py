"""The app of conversations."""

from django.apps import AppConfig
from django.core.checks import register

from chat import checks


class ChatConfig(AppConfig):
    """Registers the app."""

    name = "chat"

    def ready(self) -> None:
        """Registers the system checks."""
        register(checks.the_list_of_models, "models")
