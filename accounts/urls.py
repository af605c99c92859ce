"""The addresses of accounts. Those that django-allauth looks up are in `accounts.entrance.urls`."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import settings_pages, views
from accounts.entrance import app_pages, invitation_page, password_page, security_page
from accounts.late import late
from accounts.removal import pages as removal_pages

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
    path("settings/apps/disconnect", settings_pages.disconnect_app, name="disconnect-app"),
    path("invitation/<str:token>", invitation_page.invitation, name="invitation"),
    path("settings/data", removal_pages.data, name="data"),
    path("settings/data/export", removal_pages.export, name="export"),
    path("settings/data/remove", removal_pages.remove, name="remove"),
    path("settings/security", security_page.security, name="security"),
    path("settings/security/password", password_page.password, name="password"),
    path("settings/security/app", app_pages.app, name="app"),
    path("settings/security/app/remove", app_pages.remove_app, name="remove-app"),
    path("settings/security/codes", app_pages.codes, name="recovery-codes"),
    path("settings/security/passkeys/add", late("accounts.entrance.passkey_pages.add"), name="add-passkey"),
    path(
        "settings/security/passkeys/<int:passkey_id>/remove",
        late("accounts.entrance.passkey_pages.remove"),
        name="remove-passkey",
    ),
    path("settings/security/sessions/end", security_page.end_other_visits, name="end-other-visits"),
    path("settings/security/sessions/<uuid:visit_id>/end", security_page.end_visit, name="end-visit"),
    path("settings/security/providers/<slug:provider>/link", late("accounts.providers.pages.link"), name="link-provider"),
    path("settings/security/providers/<int:account_id>/part", late("accounts.providers.pages.part"), name="part-provider"),
    path("sign-in/with/<slug:provider>", late("accounts.providers.pages.leave"), name="provider"),
    path("sign-in/with/<slug:provider>/back", late("accounts.providers.pages.back"), name="provider-back"),
    path("theme", views.theme, name="theme"),
]
