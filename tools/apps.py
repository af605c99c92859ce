"""The app of tools."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ToolsConfig(AppConfig):
    """Registers the tools of every app, what can be granted, and what tools keep of a person."""

    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        """Import each app's `tools` module, which registers its tools, and say what can be granted, exported and removed."""
        for kind in (import_module("tools.access").TOOL, import_module("tools.builtin.sql.grants").KIND):
            import_module("accounts.access.grantable_kinds").register(kind)
        for holding in import_module("tools.calling.personal_data").HOLDINGS:
            import_module("accounts.people.removal").register(holding)
        import_module("tools.builtin.sql.signals")
        autodiscover_modules("tools")
