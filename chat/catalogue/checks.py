"""Checks of the models for `manage.py check`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from chat import catalogue


def the_list_of_models(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The operator's file can be read, and each of its entries can be asked."""
    listed = catalogue.listed()
    found: list[CheckMessage] = [
        CheckWarning(f"The model “{name}” cannot be offered: {reason}", hint="Set it in .env.", id="chat.W002")
        for name, reason in listed.unavailable
    ]
    if listed.problem:
        found.append(
            CheckWarning(f"The list of models cannot be read: {listed.problem}", hint="See docs/models.md.", id="chat.W001")
        )
    return found
