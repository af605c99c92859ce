"""The toolkit's app under the portal's names, which operators' pages show."""

from oauth2_provider.apps import DOTConfig


class AppsConfig(DOTConfig):  # type: ignore[misc]  # the toolkit has no types
    """Calls the toolkit's applications apps."""

    verbose_name = "Trust"

    def ready(self) -> None:
        """Rename at startup: changing `Meta` would need a migration of the toolkit's tables; this does not."""
        super().ready()
        named = self.get_model("Application")._meta  # noqa: SLF001
        named.verbose_name, named.verbose_name_plural = "app", "apps"
