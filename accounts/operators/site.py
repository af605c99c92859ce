"""The operators' site. It uses the portal's sign-in: a password alone must not bypass the portal's further checks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from accounts.operators import effective_access
from accounts.people import clock


class OperatorSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """The class behind `django.contrib.admin.site`."""

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:  # noqa: FBT001, FBT002
        """Show and read times in the operator's own time zone."""

        @wraps(view)
        def in_their_time(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with timezone.override(clock.zone_of(request)):
                answer = view(request, *args, **kwargs)
                # Otherwise Django would render it later, when the zone is UTC again.
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

        guarded: Callable[..., HttpResponse] = super().admin_view(in_their_time, cacheable)
        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002  Django's signature
        """Redirect to the portal's sign-in page; refuse a signed-in person who is not an operator."""
        asked = request.GET.get("next", "")
        inside = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
        back = asked if inside else reverse("admin:index")
        if self.has_permission(request):
            return redirect(back)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(back)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Redirect to the portal, whose button signs out."""
        return redirect("accounts:settings")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Redirect to the portal's settings."""
        return redirect("accounts:settings")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """Redirect to the portal's settings."""
        return redirect("accounts:settings")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {}
        self.add_page("effective-access/", effective_access.page, "effective_access")

    def add_page(self, address: str, view: Callable[..., HttpResponse], name: str) -> None:
        """Add a page that does not show a single row; an app's `admin` does so when it is imported."""
        self._pages[name] = address, view

    def extra_urls(self) -> list[URLPattern]:
        """Return the addresses of the added pages, for operators alone."""
        return [path(at, self.admin_view(never_cache(view)), name=name) for name, (at, view) in self._pages.items()]
