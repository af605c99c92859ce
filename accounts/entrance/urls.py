"""The addresses that django-allauth looks up by name. It has no others here: no sign-up, no mail, no pages of its own."""

from django.urls import path
from django.views.generic import RedirectView, TemplateView

from accounts.late import late
from accounts.views import SignIn

urlpatterns = [
    path("sign-in", SignIn.as_view(), name="account_login"),
    path("sign-in/code", late("accounts.entrance.second_step.SecondStep"), name="mfa_authenticate"),
    path("sign-in/again", late("accounts.entrance.again.Again"), name="account_reauthenticate"),
    path("sign-in/passkey", late("accounts.entrance.passkey_sign_in.PasskeySignIn"), name="mfa_login_webauthn"),
    path("sign-in/closed", TemplateView.as_view(template_name="accounts/closed.html"), name="account_inactive"),
    path("sign-in/new", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
]
