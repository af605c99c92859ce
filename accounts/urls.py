"""The addresses of accounts."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/link/<str:token>", views.link, name="link"),
    path("sign-out", views.SignOut.as_view(), name="sign-out"),
    path("theme", views.theme, name="theme"),
]
