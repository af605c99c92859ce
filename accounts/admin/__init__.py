"""What accounts shows to operators: a file for each kind of row. Importing it registers them with Django's admin."""

from django.contrib import admin
from django.contrib.auth.models import Group
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

# The toolkit's and Django's own: of tokens nobody needs to see or make any, the others have a page here.
admin.site.unregister((AccessToken, Application, Grant, Group, IDToken, RefreshToken))

from accounts.admin import apps, audit, budgets, grants, groups, people, secrets, tenants, tokens, usage  # noqa: E402

__all__ = ["apps", "audit", "budgets", "grants", "groups", "people", "secrets", "tenants", "tokens", "usage"]
