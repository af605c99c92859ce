"""The scope of operators: rows of their own tenant, and no others.

The owner of the installation (`OWNER_EMAIL`) can also create tenants and the first people in them. Another tenant's grants,
secrets, spending, chats and audit are hidden from the owner, too.
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
    """Return the operator of the request; the site admits no one else."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker
    return request.user


def could_be(model: type[Model], key: Any) -> bool:
    """Check that a row of the model could have this id: the database must not be queried with an invalid one."""
    try:
        model._meta.pk.to_python(key)  # noqa: SLF001
    except ValidationError:
        return False
    return True


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Field for one row. With an invalid id Django would query the database, even to render the form, and fail."""

    def to_python(self, value: Any) -> Any:
        """Treat an invalid id like that of a missing row."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error

    def prepare_value(self, value: Any) -> Any:
        """Show no selection for an invalid id."""
        shown = super().prepare_value(value)
        assert self.queryset is not None  # noqa: S101  for the type checker
        return shown if could_be(self.queryset.model, shown) else ""


class Within(BaseModelAdmin):  # type: ignore[type-arg]
    """Pages of rows of the operator's own tenant. `tenant_path` leads from a row to its tenant."""

    tenant_path = "tenant"

    def within(self, request: HttpRequest, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        """Select the rows of the operator's tenant."""
        return rows.filter(**{self.tenant_path: operator_of(request).tenant_id})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Select the operator's rows: lists, pages, actions and autocompletion use this."""
        return self.within(request, super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of the same tenant."""
        kwargs.setdefault("form_class", RowField)
        kwargs.setdefault("queryset", _choices(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows of the same tenant."""
        kwargs.setdefault("queryset", _choices(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _choices(model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """Select the rows a field offers; none for a model without a page here, or whose page does not know tenants."""
    page = site._registry.get(model)  # noqa: SLF001  Django has no other way to ask whether there is one
    return page.within(request, model._default_manager.all()) if isinstance(page, Within) else model._default_manager.none()  # noqa: SLF001
