"""Apps in the operators' pages: the toolkit registers this by a setting. Tokens and codes are shown to nobody."""

from typing import Any, ClassVar

from django.contrib import admin


class AppAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An app that the operator sets up, for clients that can do neither documents nor registration."""

    list_display = ("name", "client_id", "registration_source", "created")
    list_filter = ("registration_source",)
    search_fields = ("name", "client_id")
    fields = ("name", "client_id", "redirect_uris", "registration_source", "created")
    readonly_fields = ("registration_source", "created")
    view_on_site = False
    ordering: ClassVar[tuple[str, ...]] = ("-created",)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  Django's signature
        """Every app here is a public client that takes a code."""
        obj.client_type, obj.authorization_grant_type = obj.CLIENT_PUBLIC, obj.GRANT_AUTHORIZATION_CODE
        super().save_model(request, obj, form, change)
