"""Every HTTP address of the portal."""

from django.contrib import admin
from django.urls import include, path

from galaxy import health
from galaxy.api import api

urlpatterns = [
    path("", include("chat.urls")),
    path("", include("accounts.urls")),
    path("api/", api.urls),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("admin/", admin.site.urls),
]
