"""Every setting is documented in `.env.example`, with the default that the code has."""

import re

import msgspec
import pytest
from django.core.exceptions import ImproperlyConfigured

from galaxy import environment
from galaxy.environment import Environment
from tests.stack import ROOT


def documented() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", lines, re.MULTILINE))


def test_the_documented_settings_are_those_that_exist() -> None:
    assert set(documented()) == {field.encode_name for field in msgspec.structs.fields(Environment)}


def test_the_documented_defaults_are_the_defaults() -> None:
    given = {name: value for name, value in documented().items() if value}
    assert msgspec.convert(given, Environment, strict=False) == Environment()


def test_a_setting_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"port|PORT"):
        environment.read({"PORT": "eighty"})
