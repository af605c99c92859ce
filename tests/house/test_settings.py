"""Every setting is documented in `.env.example`, with the default that the code has."""

import re

import msgspec
import pytest
from django.core.checks import WARNING, run_checks
from django.core.exceptions import ImproperlyConfigured

from galaxy.configuration import environment
from galaxy.configuration.environment import Environment
from tests.stack import ROOT


def documented() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", lines, re.MULTILINE))


def test_the_documented_settings_are_those_that_exist() -> None:
    assert set(documented()) == {field.encode_name for field in msgspec.structs.fields(Environment)}


def test_the_documented_defaults_are_the_defaults() -> None:
    given = {name: value for name, value in documented().items() if value}
    assert msgspec.convert(given, Environment, strict=False) == Environment()


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("PORT", "eighty", "Set it to a number from 1 to 65535."),
        ("PORT", "99999", "Set it to a number from 1 to 65535."),
        ("WEB_PROCESSES", "0", "Set it to 1 or more."),
        ("RUNNER_PROCESSES", "-1", "Set it to 1 or more."),
        ("FIRST_TOKEN_SECONDS", "0", "Set it to a number of seconds above 0."),
        ("BETWEEN_TOKENS_SECONDS", "nan", "Set it to a number of seconds above 0."),
        ("TEST_MODE", "maybe", "Set it to true or false."),
        ("LOG_LEVEL", "loud", "Set it to DEBUG, INFO, WARNING or ERROR."),
        ("PUBLIC_URL", "foo", "Set it to scheme and host name only, such as https://galaxy.example.org."),
        ("PUBLIC_URL", "http://[::1", "Set it to scheme and host name only, such as https://galaxy.example.org."),
        (
            "PUBLIC_URL",
            "https://example.org/galaxy",
            "Set it to scheme and host name only, such as https://galaxy.example.org.",
        ),
        ("ALLOWED_HOSTS", "https://a.example", "Set it to host names such as galaxy.example.org, separated by commas."),
        (
            "EGRESS_ALLOW",
            "http://nas.lan",
            "Set it to names or networks, each with or without a port, such as nas.lan, 192.168.1.0/24 or [fd00::/8]:443.",
        ),
        ("LLM_BASE_URL", "127.0.0.1:1234", "Set it to an address with http:// or https://, such as http://127.0.0.1:1234/v1."),
        ("LLM_BASE_URL", "http://", "Set it to an address with http:// or https://, such as http://127.0.0.1:1234/v1."),
        ("OWNER_EMAIL", "bob", "Set it to an email address."),
        ("DATA_DIR", "~nobody-has-this-name/galaxy", "Set it to a folder that you own."),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_in_one_sentence(name: str, value: str, remedy: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read({name: value})
    assert str(refused.value) == f"{name}={value} is not valid. {remedy}"


def test_all_settings_that_make_no_sense_are_told_at_once() -> None:
    settings, wrong = environment.examine({"PORT": "eighty", "LOG_LEVEL": "loud", "APP_NAME": "Home"})
    assert {each.text for each in wrong} == {"PORT=eighty is not valid.", "LOG_LEVEL=loud is not valid."}
    assert settings == Environment(app_name="Home")


def test_a_level_may_be_written_small() -> None:
    assert environment.read({"LOG_LEVEL": "debug"}).log_level == "DEBUG"


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert environment.read({"HOST": "::1"}).address == "http://[::1]:8000"


def test_django_has_nothing_to_complain_of() -> None:
    assert [message for message in run_checks() if message.level >= WARNING] == []
