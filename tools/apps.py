"""The app of tools."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ToolsConfig(AppConfig):
    """Registers the tools of every app, and that tools can be granted."""

    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        """Import each app's `tools` module, which registers its tools, and say that tools and databases can be granted."""
        for kind in (import_module("tools.access").TOOL, import_module("tools.builtin.sql.grants").KIND):
            import_module("accounts.access.grantable_kinds").register(kind)
        import_module("tools.builtin.sql.signals")
        autodiscover_modules("tools")
