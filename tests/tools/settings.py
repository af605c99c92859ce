"""Galaxy's settings, with the stand-in tools besides its own."""

from galaxy.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.tools.stand_in"]  # noqa: F405
