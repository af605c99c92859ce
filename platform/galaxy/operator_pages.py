"""Django's admin, with a site of our own: its sign-in is the portal's. `galaxy.urls` fills it: only the portal needs it."""

from django.contrib.admin.apps import SimpleAdminConfig


class OperatorPagesConfig(SimpleAdminConfig):
    """Takes the place of `django.contrib.admin` among the installed apps."""

    default_site = "accounts.operators.site.OperatorSite"
