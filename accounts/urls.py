"""The addresses of accounts."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>", views.link, name="link"),
    # A slash that a program or a person put behind them.
    path("sign-in/", RedirectView.as_view(pattern_name="accounts:sign-in", query_string=True)),
    path("sign-in/link/<str:token>/", RedirectView.as_view(pattern_name="accounts:link")),
    path("sign-out", views.SignOut.as_view(), name="sign-out"),
    path("theme", views.theme, name="theme"),
]
