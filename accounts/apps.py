"""The app of people and tenants."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app and its checks."""

    name = "accounts"

    def ready(self) -> None:
        """A check registers itself when its module is imported."""
        import_module("accounts.vault_checks")
