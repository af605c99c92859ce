"""The toolkit's app by the portal's names: the operators' pages show them."""

from oauth2_provider.apps import DOTConfig


class AppsConfig(DOTConfig):  # type: ignore[misc]  # the toolkit has no types
    """What the toolkit calls an application is an app here."""

    verbose_name = "Trust"

    def ready(self) -> None:
        """Its own `Meta` cannot be changed without a migration of its tables; migrations do not look here."""
        super().ready()
        named = self.get_model("Application")._meta  # noqa: SLF001
        named.verbose_name, named.verbose_name_plural = "app", "apps"
