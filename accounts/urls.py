"""The addresses of accounts."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import settings_pages, views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>", views.link, name="link"),
    # A slash that a program or a person put behind them.
    path("sign-in/", RedirectView.as_view(pattern_name="accounts:sign-in", query_string=True)),
    path("sign-in/link/<str:token>/", RedirectView.as_view(pattern_name="accounts:link")),
    path("sign-out", views.SignOut.as_view(), name="sign-out"),
    path("settings", settings_pages.page, name="settings"),
    path("settings/profile", settings_pages.profile, name="profile"),
    path("settings/instructions", settings_pages.instructions, name="instructions"),
    path("settings/tokens", settings_pages.new_token, name="new-token"),
    path("settings/tokens/<uuid:token_id>/revoke", settings_pages.revoke_token, name="revoke-token"),
    path("theme", views.theme, name="theme"),
]
