"""The app of people, their rights, and what they did."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app and its checks."""

    name = "accounts"
    verbose_name = "Trust"

    def ready(self) -> None:
        """Connects the signals, tells what can be removed, and refuses an unsafe proxy or policy. All need the apps."""
        import_module("accounts.signals")
        import_module("accounts.entrance.signals")
        for holding in import_module("accounts.removal.own").OWN:
            import_module("accounts.removal").register(holding)
        import_module("accounts.proxy").rules_in_force()
        import_module("accounts.access").policy()
        import_module("accounts.sealing.checks")
