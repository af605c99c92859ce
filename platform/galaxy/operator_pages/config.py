"""Django's admin with the portal's sign-in. Only the portal needs its pages, so `galaxy.urls` registers them."""

from django.contrib.admin.apps import SimpleAdminConfig


class OperatorPagesConfig(SimpleAdminConfig):
    """Replaces `django.contrib.admin` among the installed apps."""

    default_site = "accounts.operators.site.OperatorSite"
