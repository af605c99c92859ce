"""People: who they are, whether they may come in, and what they may look after."""

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

from accounts import people, removal
from accounts.entrance import confirmation
from accounts.entrance.recovery import forget_second_factors
from accounts.models import User
from accounts.operators.pages import OperatorPage, PlacedForm, yes_or_dash
from accounts.operators.reach import operator_of

AUTOCOMPLETE = "/autocomplete/"


class _AddressForm(PlacedForm):
    def clean_email(self) -> str:
        """The address of Galaxy's owner opens what is theirs: only they may bear it."""
        email: str = self.cleaned_data["email"].lower()
        if people.is_owners_address(email) and not people.is_owner(self.operator):
            raise forms.ValidationError("This is the address of the person who set Galaxy up.")
        return email


class NewPersonForm(_AddressForm, UserCreationForm):  # type: ignore[misc]  # unfold has no types
    """A new person; unless one chooses to give them a password, they come in by link."""

    usable_password = forms.ChoiceField(
        label="Comes in",
        required=False,
        initial="false",
        choices=[("false", "by link"), ("true", "by link or password")],
        help_text="<code>make link EMAIL=…</code> prints a link. A password can be set later.",
    )

    class Meta:
        model = User
        fields = ("email", "tenant")
        field_classes: ClassVar[dict[str, type]] = {}


class PersonForm(_AddressForm):
    """Changes a person."""

    is_suspended = forms.BooleanField(
        label="Suspended",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Who is suspended cannot sign in or use a session.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_suspended"] = not self.instance.is_active

    def clean(self) -> dict[str, Any]:
        """Nobody locks themselves out."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk == self.operator.pk and (given["is_suspended"] or not given.get("is_staff", True)):
            raise forms.ValidationError("You cannot suspend yourself, nor stop being an operator: another operator can.")
        self.instance.is_active = not given["is_suspended"]
        return given


class SuspendedFilter(DropdownFilter):  # type: ignore[misc]  # unfold has no types
    """Who is suspended, or who is not."""

    title = parameter_name = "suspended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """One or the other."""
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":  # noqa: ARG002
        """Those that are."""
        return queryset.filter(is_active=self.value() == "no") if self.value() in ("yes", "no") else queryset


@admin.register(User)
class PersonAdmin(OperatorPage, UserAdmin):  # type: ignore[misc, type-arg]
    """What a person wrote for their models (`instructions`) is not here: it is theirs."""

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
        """For the owner of the installation the people of all tenants, but not where somebody is chosen for something."""
        if people.is_owner(operator_of(request)) and not request.path.endswith(AUTOCOMPLETE):
            return User.objects.order_by("email")
        return super().get_queryset(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the tenant, for who sees several."""
        shown = super().get_list_display(request)
        return (*shown, "tenant") if people.is_owner(operator_of(request)) else shown

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """With the tenant of a new person, for who may choose it."""
        found = super().get_fieldsets(request, obj)
        if obj is None and not people.is_owner(operator_of(request)):
            return [(title, {"fields": [name for name in about["fields"] if name != "tenant"]}) for title, about in found]
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The owner chooses among all tenants."""
        if db_field.name == "tenant" and people.is_owner(operator_of(request)):
            kwargs.setdefault("queryset", db_field.remote_field.model.objects.order_by("created_at"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever could set the owner's password could become them."""
        protected = obj is not None and people.is_owner(obj) and obj.pk != request.user.pk
        return bool(super().has_change_permission(request, obj)) and not protected

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Neither oneself nor the owner of the installation, nor who alone could look after it."""
        protected = obj is not None and (people.is_owner(obj) or obj.pk == request.user.pk or removal.is_last_operator(obj))
        return bool(super().has_delete_permission(request, obj)) and not protected

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Another's password, by an operator who has just shown that it is them; one's own where everybody changes theirs."""
        if id == str(request.user.pk):
            return redirect("accounts:password")
        if not confirmation.is_fresh(request):
            return _ask_who_it_is(request)
        changed: HttpResponse = super().user_change_password(request, id, form_url)
        return changed

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Addresses and operators are made and changed by who has just shown that it is them."""
        if request.method == "POST" and not confirmation.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return shown

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As above."""
        if not confirmation.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().delete_view(request, *args, **kwargs)
        return shown

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """As above, for the second factors."""
        if request.POST.get("action") == "forget_second_factors" and not confirmation.is_fresh(request):
            return _ask_who_it_is(request)
        shown: HttpResponse = super().changelist_view(request, *args, **kwargs)
        return shown

    @admin.display(description="name", ordering="name")
    def called(self, person: User) -> str:
        """As in the portal, where who has given no name has one, too."""
        return person.display_name

    @admin.display(description="operator", ordering="is_staff")
    def is_operator(self, person: User) -> str | None:
        """Whether they are."""
        return yes_or_dash(person.is_staff)

    @admin.display(description="suspended", ordering="-is_active")
    def is_suspended(self, person: User) -> str | None:
        """Whether they are."""
        return yes_or_dash(not person.is_active)

    @admin.display(description="password")
    def has_password(self, person: User) -> str:
        """Whether there is one, and where it is changed. Of the hash nothing: it is of use only to who guesses."""
        page = reverse("admin:auth_user_password_change", args=[person.pk])
        is_set = person.has_usable_password()
        return format_html('{}. <a href="{}">{}</a>', *(("Set", page, "Change it") if is_set else ("Not set", page, "Set one")))

    @admin.display(description="last sign-in", ordering="last_login")
    def came_in(self, person: User) -> str:
        """When they last came in. In words, because a form writes a moment as the database has it."""
        return date_format(localtime(person.last_login), "DATETIME_FORMAT") if person.last_login else "never"

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Remove the person truly, and show the receipt."""
        receipt = removal.remove(obj, by=f"operator {request.user.pk}")
        self.message_user(request, f"Keep this receipt, it is shown this once: {receipt.signed()}")

    def get_actions(self, request: HttpRequest) -> Any:
        """People are deleted one by one."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description="Suspend: they are out within seconds")
    def suspend(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """Each is saved by itself, which tells every process: sockets, streams and answers end (accounts.signals)."""
        others = [person for person in chosen if self.has_delete_permission(request, person)]
        _set_active(others, to=False)
        self.message_user(request, f"Suspended: {len(others)}.")
        if len(others) < len(chosen):
            self.message_user(request, "Not suspended: yourself, or who set Galaxy up.", messages.WARNING)

    @admin.action(description="Let in again")
    def activate(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """The opposite."""
        _set_active(chosen, to=True)
        self.message_user(request, f"Let in again: {len(chosen)}.")

    @admin.action(description="Remove second factors, for somebody who lost theirs")
    def forget_second_factors(self, request: HttpRequest, chosen: "QuerySet[User]") -> None:
        """They come in by password or link alone, and can add new ones."""
        others = [person for person in chosen if self.has_change_permission(request, person)]
        for person in others:
            forget_second_factors(person)
        self.message_user(request, f"Without a second factor: {len(others)}.")


def _ask_who_it_is(request: HttpRequest) -> HttpResponse:
    asked: HttpResponse = confirmation.ask(request)  # type: ignore[assignment]  # a redirect
    return asked


def _set_active(chosen: Any, *, to: bool) -> None:
    for person in chosen:
        person.is_active = to
        person.save(update_fields=["is_active"])
