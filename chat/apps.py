"""The app of conversations."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register

from accounts import kinds
from chat.catalogue import checks, grants


class ChatConfig(AppConfig):
    """Registers the app."""

    name = "chat"
    verbose_name = "Chats"

    def ready(self) -> None:
        """Registers the system checks, and what can be granted."""
        register(checks.the_list_of_models, "galaxy")
        for kind in grants.KINDS:
            kinds.register(kind)
        # It asks for models, which are there only now.
        import_module("accounts.removal").register(import_module("chat.deletion.personal_data").CONVERSATIONS)
        import_module("accounts.limits").register(import_module("chat.runs.usage").running)
