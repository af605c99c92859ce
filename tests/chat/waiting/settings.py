"""Galaxy's settings, with tools that wait in place of none."""

from galaxy.settings import *  # noqa: F403

TOOLBOX = "tests.chat.waiting.toolbox.WaitingTools"
