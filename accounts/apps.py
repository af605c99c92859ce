"""The app of people, their rights, and what they did."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app and its checks."""

    name = "accounts"

    def ready(self) -> None:
        """Connects the signals, and refuses to start with a proxy that could be played. Both need the apps to be loaded."""
        import_module("accounts.signals")
        import_module("accounts.proxy").rules_in_force()
        import_module("accounts.sealing.checks")
