"""People: their names, their sign-in and their operator's rights."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import DropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldBooleanSwitchWidget

from accounts.models import User
from accounts.operators.base import OperatorPage, PlacedForm, yes_or_dash
from accounts.operators.tenant_scope import operator_of
from accounts.people import directory, removal
from accounts.sign_in import recent_login
from accounts.sign_in.second_factor.recovery import forget_second_factors

AUTOCOMPLETE = "/autocomplete/"


class _AddressForm(PlacedForm):
    def clean_email(self) -> str:
        """Refuse the owner's email address to others: it gives access to what is theirs."""
        email: str = self.cleaned_data["email"].lower()
        if directory.is_owners_address(email) and not directory.is_owner(self.operator):
            raise forms.ValidationError("This is the address of the person who set Galaxy up.")
        return email


class NewPersonForm(_AddressForm, UserCreationForm):  # type: ignore[misc]  # unfold has no types
    """Form for a new person, who signs in by link unless they are given a password."""

    usable_password = forms.ChoiceField(
        label="Signs in",
        required=False,
        initial="false",
        choices=[("false", "by link"), ("true", "by link or password")],
        help_text="<code>make link EMAIL=…</code> prints a link. You can set a password later.",
    )

    class Meta:
        model = User
        fields = ("email", "tenant")
        field_classes: ClassVar[dict[str, type]] = {}


class PersonForm(_AddressForm):
    """Form that changes a person."""

    is_suspended = forms.BooleanField(
        label="Suspended",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="A suspended person cannot sign in, and their sessions end.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_suspended"] = not self.instance.is_active

    def clean(self) -> dict[str, Any]:
        """Refuse changes that lock the operator out."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk == self.operator.pk and (given["is_suspended"] or not given.get("is_staff", True)):
            raise forms.ValidationError("You cannot suspend yourself or stop being an operator. Ask another operator to do it.")
        self.instance.is_active = not given["is_suspended"]
        return given


class SuspendedFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    """Filter by suspension."""

    title = parameter_name = "suspended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """List both choices."""
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":  # noqa: ARG002
        """Select people of the chosen state."""
        return queryset.filter(is_active=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(User)
class PersonAdmin(OperatorPage, UserAdmin):  # type: ignore[misc, type-arg]
    """The page of people. It leaves out `instructions`, which a person writes for their models alone."""

    audit_kind = "person"
    add_form_template = None  # Django's speaks of users
    change_user_password_template = "admin/person_password.html"  # noqa: S105  the page's name
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "called", "is_operator", "is_suspended", "came_in")
    list_filter = ("is_staff", SuspendedFilter)
    search_fields = ("email", "name")
    filter_horizontal = ()
    readonly_fields = ("has_password", "came_in", "created_at")
    actions = ("suspend", "activate", "forget_second_factors")
    add_fieldsets = ((None, {"fields": ("email", "tenant", "usable_password", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("email", "name", "has_password")}),
        ("Rights", {"fields": ("is_suspended", "is_staff")}),
        ("Times", {"fields": ("came_in", "created_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Select people of all tenants for the owner, but not in the lists that choose a person for something."""
        if directory.is_owner(operator_of(request)) and not request.path.endswith(AUTOCOMPLETE):
            return User.objects.order_by("email")
        return super().get_queryset(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show the tenant to the owner, who sees several."""
        shown = super().get_list_display(request)
        return (*shown, "tenant") if directory.is_owner(operator_of(request)) else shown

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Let the owner choose the tenant of a new person."""
        found = super().get_fieldsets(request, obj)
        if obj is None and not directory.is_owner(operator_of(request)):
            return [(title, {"fields": [name for name in about["fields"] if name != "tenant"]}) for title, about in found]
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let the owner choose among all tenants."""
        if db_field.name == "tenant" and directory.is_owner(operator_of(request)):
            kwargs.setdefault("queryset", db_field.remote_field.model.objects.order_by("created_at"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Protect the owner: another operator who could set the owner's password could become them."""
        protected = obj is not None and directory.is_owner(obj) and obj.pk != request.user.pk
        return bool(super().has_change_permission(request, obj)) and not protected

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Protect the operator themselves, the owner, and a tenant's last operator."""
        protected = obj is not None and (directory.is_owner(obj) or obj.pk == request.user.pk or removal.is_last_operator(obj))
        return bool(super().has_delete_permission(request, obj)) and not protected

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Set another person's password, after a recent sign-in; send operators to the usual page for their own."""
        if id == str(request.user.pk):
            return redirect("accounts:password")
        if not recent_login.is_fresh(request):
            return _ask_who_it_is(request)
        changed: HttpResponse = super().user_change_password(request, id, form_url)
        return changed

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a recent sign-in before an address or an operator is created or changed."""
        if request.method == "POST" and not recent_login.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return shown

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a recent sign-in before a person is deleted."""
        if not recent_login.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().delete_view(request, *args, **kwargs)
        return shown

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a recent sign-in before second factors are removed."""
        if request.POST.get("action") == "forget_second_factors" and not recent_login.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().changelist_view(request, *args, **kwargs)
        return shown

    @admin.display(description="name", ordering="name")
    def called(self, person: User) -> str:
        """Return the name shown in the portal, which is never empty."""
        return person.display_name

    @admin.display(description="operator", ordering="is_staff")
    def is_operator(self, person: User) -> str | None:
        """Mark operators."""
        return yes_or_dash(person.is_staff)

    @admin.display(description="suspended", ordering="-is_active")
    def is_suspended(self, person: User) -> str | None:
        """Mark suspended people."""
        return yes_or_dash(not person.is_active)

    @admin.display(description="password")
    def has_password(self, person: User) -> str:
        """Say whether there is a password, with a link to change it. The hash stays hidden: only an attacker could use it."""
        page = reverse("admin:auth_user_password_change", args=[person.pk])
        is_set = person.has_usable_password()
        return format_html('{}. <a href="{}">{}</a>', *(("Set", page, "Change it") if is_set else ("Not set", page, "Set one")))

    @admin.display(description="last sign-in", ordering="last_login")
    def came_in(self, person: User) -> str:
        """Return the last sign-in in words; a form would show the raw value of the database."""
        return date_format(localtime(person.last_login), "DATETIME_FORMAT") if person.last_login else "never"

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Remove the person and all their data, and show the receipt."""
        receipt = removal.remove(obj, by=f"operator {request.user.pk}")
        self.message_user(request, f"Keep this receipt. It is shown only once: {receipt.signed()}")

    def get_actions(self, request: HttpRequest) -> Any:
        """Remove the bulk action: people are deleted one by one."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Suspend: they are signed out within seconds")
    def suspend(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """Save each person separately, which ends their sockets, streams and answers (accounts.access.signals)."""
        others = [person for person in chosen if self.has_delete_permission(request, person)]
        _set_active(others, to=False)
        self.message_user(request, f"Suspended: {len(others)}.")
        if len(others) < len(chosen):
            kept = "You cannot suspend yourself, the owner of Galaxy or the last operator."
            self.message_user(request, kept, messages.WARNING)

    @admin.action(description="Reactivate")
    def activate(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """Reactivate the selected people."""
        _set_active(chosen, to=True)
        self.message_user(request, f"Reactivated: {len(chosen)}.")

    @admin.action(description="Remove second factors, for a person who lost theirs")
    def forget_second_factors(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """Remove their second factors: they sign in by password or link alone, and can add new ones."""
        others = [person for person in chosen if self.has_change_permission(request, person)]
        for person in others:
            forget_second_factors(person)
        self.message_user(request, f"Second factors removed for: {len(others)}.")


def _ask_who_it_is(request: HttpRequest) -> HttpResponse:
    asked: HttpResponse = recent_login.ask(request)  # type: ignore[assignment]  # a redirect
    return asked


def _set_active(chosen: Any, *, to: bool) -> None:
    for person in chosen:
        person.is_active = to
        person.save(update_fields=["is_active"])
