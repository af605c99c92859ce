"""Every HTTP address of the portal."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from galaxy import api_docs, health, staticfiles
from galaxy.api import api

admin.autodiscover()
icon = lazy(static, str)("icon.svg")  # its hashed name is known once the files are collected

urlpatterns = [
    path("", include("chat.doors.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.entrance.urls")),
    path("", include("accounts.oauth.urls")),
    path("api/docs", api_docs.page, {"api": api}),
    path("api/", api.urls),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("static/<path:path>", staticfiles.of_another_version),
    path("favicon.ico", RedirectView.as_view(url=icon)),
]

handler400 = "galaxy.refusals.bad_request"
handler404 = "galaxy.refusals.not_found"
handler500 = "galaxy.refusals.server_error"
