"""Django's admin, with a site of our own: its sign-in is the portal's."""

from django.contrib.admin.apps import AdminConfig


class OperatorPagesConfig(AdminConfig):
    """Takes the place of `django.contrib.admin` among the installed apps."""

    default_site = "accounts.operators.site.OperatorSite"
