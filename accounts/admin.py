"""People and tenants for operators."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from accounts.models import Secret, Tenant, User
from accounts.sealing.admin import SecretAdmin

admin.site.site_header = admin.site.site_title = settings.APP_NAME
admin.site.index_title = "Operator pages"
admin.site.unregister((AccessToken, Grant, IDToken, RefreshToken))  # the toolkit's: nobody needs to see or make these
admin.site.register(Secret, SecretAdmin)


class NewPersonForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A new person; unless one chooses to give them a password, they come in by link."""

    usable_password = forms.ChoiceField(
        label="Comes in",
        required=False,
        initial="false",
        choices=[("false", "by link"), ("true", "by link or password")],
        widget=forms.RadioSelect({"class": "radiolist inline"}),
        help_text="<code>make link EMAIL=…</code> prints a link. A password can be set later.",
    )

    class Meta:
        model = User
        fields = ("email", "tenant")
        field_classes: ClassVar[dict[str, type]] = {}


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """People: who they are and whether they may sign in."""

    add_form = NewPersonForm
    ordering = ("email",)
    list_display = ("email", "name", "tenant", "is_staff", "is_active")
    list_filter = ("tenant", "is_staff", "is_active")
    search_fields = ("email", "name")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "tenant", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "tenant", "usable_password", "password1", "password2")}),)


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Households, teams, companies."""

    list_display = ("name", "created_at")
