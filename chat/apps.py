"""The app of conversations."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Registers the app."""

    name = "chat"
