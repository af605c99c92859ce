"""What accounts shows to operators: a file for each kind of row. Importing it registers them with Django's admin."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

# The toolkit's and Django's own: of tokens nobody needs to see or make any, the others have a page here.
admin.site.unregister((AccessToken, Application, Grant, Group, IDToken, RefreshToken))
admin.site.unregister((Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken))  # allauth's: seeds and tokens

from accounts.admin import apps, audit, budgets, grants, groups, invitations, people, secrets, tenants, tokens, usage  # noqa: E402

__all__ = ["apps", "audit", "budgets", "grants", "groups", "invitations", "people", "secrets", "tenants", "tokens", "usage"]
