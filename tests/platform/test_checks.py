"""Settings with which Galaxy refuses to start."""

import msgspec
import pytest

from galaxy.configuration.environment import Environment
from galaxy.doctor import system_checks


def ids(**settings: object) -> list[str | None]:
    environment = msgspec.convert({name.upper(): value for name, value in settings.items()}, Environment)
    return [message.id for message in system_checks.examine(environment)]


def test_the_defaults_are_well() -> None:
    assert ids() == []


def test_test_mode_is_well_on_this_machine_alone() -> None:
    assert ids(test_mode=True) == []
    assert ids(test_mode=True, host="::1", public_url="http://localhost:8000", allowed_hosts="localhost") == []


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"oidc_issuer": "https://id.example.org"}, ["galaxy.W003"]),
        ({"google_client_id": "x", "github_client_secret": "y"}, ["galaxy.W003", "galaxy.W003"]),
        ({"oidc_issuer": "http://id.lan", "oidc_client_id": "x", "oidc_client_secret": "y"}, ["galaxy.W004"]),
        ({"oidc_issuer": "http://localhost:9", "oidc_client_id": "x", "oidc_client_secret": "y"}, []),
    ],
)
def test_a_provider_of_which_a_part_is_set_is_told(settings: dict[str, object], found: list[str]) -> None:
    assert ids(**settings) == found


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0", "public_url": "https://localhost"},
        {"host": "192.168.1.5", "public_url": "https://localhost"},
        {"public_url": "https://galaxy.example.org"},
        {"allowed_hosts": "galaxy.example.org"},
        {"allowed_hosts": "localhost, .example.org"},
    ],
)
def test_test_mode_is_refused_where_others_can_reach_the_portal(settings: dict[str, object]) -> None:
    assert "galaxy.E001" in ids(test_mode=True, **settings)
    assert "galaxy.E001" not in ids(**settings)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"allowed_hosts": "*"}, "galaxy.W001"),
        ({"host": "0.0.0.0"}, "galaxy.W002"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, object], expected: str) -> None:
    assert ids(**settings) == [expected]
