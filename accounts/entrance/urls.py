"""The addresses that django-allauth looks up by name. It has no others here: no sign-up, no mail, no pages of its own."""

from django.urls import path
from django.views.generic import RedirectView, TemplateView

from accounts.entrance.again import Again
from accounts.entrance.passkey_sign_in import PasskeySignIn
from accounts.entrance.second_step import SecondStep
from accounts.views import SignIn

urlpatterns = [
    path("sign-in", SignIn.as_view(), name="account_login"),
    path("sign-in/code", SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/again", Again.as_view(), name="account_reauthenticate"),
    path("sign-in/passkey", PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("sign-in/closed", TemplateView.as_view(template_name="accounts/closed.html"), name="account_inactive"),
    path("sign-in/new", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
]
