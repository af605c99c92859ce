"""The app of conversations."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import register


class ChatConfig(AppConfig):
    """Registers the app."""

    name = "chat"
    verbose_name = "Chats"

    def ready(self) -> None:
        """Registers the system checks, and what can be granted, removed and counted. All of it asks for models."""
        register(import_module("chat.catalogue.checks").the_list_of_models, "galaxy")
        for kind in import_module("chat.catalogue.grants").KINDS:
            import_module("accounts.access.grantable_kinds").register(kind)
        for holding in import_module("chat.deletion.personal_data").HOLDINGS:
            import_module("accounts.people.removal").register(holding)
        import_module("accounts.limits").register(import_module("chat.runs.usage").running)
