"""Operators' pages for accounts: one file for each kind of row. Importing this registers them with Django's admin."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

# Models of the toolkit and of Django: operators need no page for some, and the others have one here.
admin.site.unregister((AccessToken, Application, Grant, Group, IDToken, RefreshToken))
admin.site.unregister((Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken))  # allauth's, with seeds and tokens

from accounts.admin import apps, audit, budgets, grants, groups, invitations, people, secrets, tenants, tokens, usage  # noqa: E402

__all__ = ["apps", "audit", "budgets", "grants", "groups", "invitations", "people", "secrets", "tenants", "tokens", "usage"]
