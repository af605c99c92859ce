"""Addresses of accounts. Those that django-allauth looks up are in `accounts.doors.sign_in_urls`."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.doors import data_pages as removal_pages
from accounts.doors import settings_pages, theme
from accounts.doors.lazy_views import late
from accounts.sign_in.pages import invitation, password, security, sign_in
from accounts.sign_in.second_factor import app_pages

app_name = "accounts"
PROVIDERS = "accounts.sign_in.providers.pages"
urlpatterns = [
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>", sign_in.link, name="link"),
    # Addresses with a slash that a program or a person appended.
    path("sign-in/", RedirectView.as_view(pattern_name="accounts:sign-in", query_string=True)),
    path("sign-in/link/<str:token>/", RedirectView.as_view(pattern_name="accounts:link")),
    path("sign-out", sign_in.SignOut.as_view(), name="sign-out"),
    path("settings", settings_pages.page, name="settings"),
    path("settings/profile", settings_pages.profile, name="profile"),
    path("settings/instructions", settings_pages.instructions, name="instructions"),
    path("settings/tokens", settings_pages.new_token, name="new-token"),
    path("settings/tokens/<uuid:token_id>/revoke", settings_pages.revoke_token, name="revoke-token"),
    path("settings/apps/disconnect", settings_pages.disconnect_app, name="disconnect-app"),
    path("invitation/<str:token>", invitation.invitation, name="invitation"),
    path("settings/data", removal_pages.data, name="data"),
    path("settings/data/export", removal_pages.export, name="export"),
    path("settings/data/remove", removal_pages.remove, name="remove"),
    path("settings/security", security.security, name="security"),
    path("settings/security/password", password.password, name="password"),
    path("settings/security/app", app_pages.app, name="app"),
    path("settings/security/app/remove", app_pages.remove_app, name="remove-app"),
    path("settings/security/codes", app_pages.codes, name="recovery-codes"),
    path("settings/security/passkeys/add", late("accounts.sign_in.second_factor.passkey_pages.add"), name="add-passkey"),
    path(
        "settings/security/passkeys/<int:passkey_id>/remove",
        late("accounts.sign_in.second_factor.passkey_pages.remove"),
        name="remove-passkey",
    ),
    path("settings/security/sessions/end", security.end_other_visits, name="end-other-visits"),
    path("settings/security/sessions/<uuid:visit_id>/end", security.end_visit, name="end-visit"),
    path("settings/security/providers/<slug:provider>/link", late(f"{PROVIDERS}.link"), name="link-provider"),
    path("settings/security/providers/<int:account_id>/part", late(f"{PROVIDERS}.part"), name="part-provider"),
    path("sign-in/with/<slug:provider>", late(f"{PROVIDERS}.leave"), name="provider"),
    path("sign-in/with/<slug:provider>/back", late(f"{PROVIDERS}.back"), name="provider-back"),
    path("theme", theme.theme, name="theme"),
]
