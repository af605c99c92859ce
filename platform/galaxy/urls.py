"""All HTTP addresses of the portal."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from galaxy import health
from galaxy.api import docs
from galaxy.api.rest import api
from galaxy.serving import static_storage

admin.autodiscover()
icon = lazy(static, str)("icon.svg")  # its hashed name is known once the files are collected

urlpatterns = [
    path("", include("chat.doors.urls")),
    path("", include("tools.doors.urls")),
    path("", include("accounts.doors.urls")),
    path("", include("accounts.doors.sign_in_urls")),
    path("", include("accounts.doors.oauth_urls")),
    path("api/docs", docs.page, {"api": api}),
    path("api/", api.urls),
    path("v1/", include("chat.doors.openai.urls")),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("static/<path:path>", static_storage.of_another_version),
    path("favicon.ico", RedirectView.as_view(url=icon)),
]

handler400 = "galaxy.middleware.error_responses.bad_request"
handler404 = "galaxy.middleware.error_responses.not_found"
handler500 = "galaxy.middleware.error_responses.server_error"
