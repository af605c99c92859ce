"""People and tenants for operators."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from accounts import removal
from accounts.entrance.admin import InvitationAdmin
from accounts.entrance.recovery import forget_second_factors
from accounts.models import Invitation, Secret, Tenant, User
from accounts.sealing.admin import SecretAdmin

admin.site.site_header = admin.site.site_title = settings.APP_NAME
admin.site.index_title = "Operator pages"
# Those of allauth and of the toolkit: seeds, codes and tokens, which nobody needs to see or make.
admin.site.unregister((Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken))
admin.site.unregister((AccessToken, Grant, IDToken, RefreshToken))
admin.site.register(Invitation, InvitationAdmin)
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
    actions = ("forget_second_factors",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Not the last operator."""
        return super().has_delete_permission(request, obj) and not (obj and removal.is_last_operator(obj))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Remove the person truly, and show the receipt."""
        receipt = removal.remove(obj, by=f"operator {request.user.pk}")
        messages.success(request, f"Keep this receipt, it is shown this once: {receipt.signed()}")

    def get_actions(self, request: HttpRequest) -> Any:
        """People are removed one by one: each has a receipt."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Remove second factors, for somebody who lost theirs")
    def forget_second_factors(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """They come in by password or link alone, and can add new ones."""
        for person in chosen:
            forget_second_factors(person)
        messages.success(request, "Their second factors are removed.")


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Households, teams, companies."""

    list_display = ("name", "created_at")
