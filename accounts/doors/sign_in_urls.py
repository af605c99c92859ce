"""Addresses that django-allauth looks up by name. Its sign-up, mail and own pages are left out."""

from django.urls import path
from django.views.generic import RedirectView, TemplateView

from accounts.doors.lazy_views import late
from accounts.sign_in.pages.sign_in import SignIn

urlpatterns = [
    path("sign-in", SignIn.as_view(), name="account_login"),
    path("sign-in/code", late("accounts.sign_in.second_factor.second_step.SecondStep"), name="mfa_authenticate"),
    path("sign-in/again", late("accounts.sign_in.pages.confirm_login.Again"), name="account_reauthenticate"),
    path("sign-in/passkey", late("accounts.sign_in.pages.passkey.PasskeySignIn"), name="mfa_login_webauthn"),
    path("sign-in/closed", TemplateView.as_view(template_name="accounts/closed.html"), name="account_inactive"),
    path("sign-in/new", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
]
