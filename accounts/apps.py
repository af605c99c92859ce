"""The app of people, their rights and the audit."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the app and its checks."""

    name = "accounts"
    verbose_name = "Trust"

    def ready(self) -> None:
        """Connect signals, register removable data, and refuse an unsafe proxy or policy. All of it needs loaded apps."""
        for room in ("access", "identity", "oauth", "sign_in"):
            import_module(f"accounts.{room}.signals")
        for holding in import_module("accounts.people.removal.accounts_data").OWN:
            import_module("accounts.people.removal").register(holding)
        import_module("accounts.identity.proxy").rules_in_force()
        import_module("accounts.access").policy()
        import_module("accounts.vault.checks")
