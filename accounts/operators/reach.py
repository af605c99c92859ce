"""How far an operator reaches: to what belongs to their own tenant, and no further.

The owner of the installation (`OWNER_EMAIL`) also makes tenants and the first people in them, for somebody must; of another
tenant's grants, secrets, spending, chats and audit the owner sees nothing either.
"""

from typing import Any, TypeVar

from django import forms
from django.contrib.admin import site
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import User

Row = TypeVar("Row", bound=Model)


def operator_of(request: HttpRequest) -> User:
    """The operator who asks; the site lets nobody else come so far."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker
    return request.user


def could_be(model: type[Model], key: Any) -> bool:
    """Whether a row of the model could have this id: of one that none could have the database must not be asked."""
    try:
        model._meta.pk.to_python(key)  # noqa: SLF001
    except ValidationError:
        return False
    return True


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of one row. With an id that no row could have Django would ask the database, also to draw the form, and fail."""

    def to_python(self, value: Any) -> Any:
        """As for the id of a row that is not there."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error

    def prepare_value(self, value: Any) -> Any:
        """Nothing is chosen where nothing could be."""
        shown = super().prepare_value(value)
        assert self.queryset is not None  # noqa: S101  for the type checker
        return shown if could_be(self.queryset.model, shown) else ""


class Within(BaseModelAdmin):  # type: ignore[type-arg]
    """Pages about rows of the operator's own tenant. `tenant_path` leads from a row to its tenant."""

    tenant_path = "tenant"

    def within(self, request: HttpRequest, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        """Those of the rows that are of the operator's tenant."""
        return rows.filter(**{self.tenant_path: operator_of(request).tenant_id})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What there is for this operator: lists, pages by id, actions and autocompletion ask here."""
        return self.within(request, super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only what is of the same tenant can be chosen."""
        kwargs.setdefault("form_class", RowField)
        kwargs.setdefault("queryset", _choices(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """As for a single one."""
        kwargs.setdefault("queryset", _choices(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _choices(model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """Of a kind of thing that has no page here, or none that knows of tenants, nothing can be chosen."""
    page = site._registry.get(model)  # noqa: SLF001  Django has no other way to ask whether there is one
    return page.within(request, model._default_manager.all()) if isinstance(page, Within) else model._default_manager.none()  # noqa: SLF001
