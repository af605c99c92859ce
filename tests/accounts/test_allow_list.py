"""The operator's list of places: what it may say, and what that lets through."""

from ipaddress import ip_address

import pytest

from accounts.egress import allow_list


@pytest.mark.parametrize(
    ("text", "host", "port", "expected"),
    [
        ("nas.lan", "nas.lan", 80, True),
        ("NAS.lan. , other", "nas.lan", 8080, True),
        ("nas.lan:8080", "nas.lan", 8080, True),
        ("nas.lan:8080", "nas.lan", 80, False),
        ("nas.lan", "x.nas.lan", 80, False),
        ("lan", "nas.lan", 80, False),
        ("", "nas.lan", 80, False),
    ],
)
def test_a_name(text: str, host: str, port: int, *, expected: bool) -> None:
    assert allow_list.parse(text).names(host, port) is expected


@pytest.mark.parametrize(
    ("text", "address", "port", "expected"),
    [
        ("192.168.1.5", "192.168.1.5", 80, True),
        ("192.168.1.5:81", "192.168.1.5", 80, False),
        ("192.168.1.0/24:80", "192.168.1.200", 80, True),
        ("192.168.1.0/24", "192.168.2.1", 80, False),
        ("192.168.1.0/24", "fd00::1", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("::1", "::1", 80, True),
        ("[::1]:8080", "::1", 8080, True),
        ("[fd00::/8]:443", "fd12::1", 80, False),
    ],
)
def test_a_network(text: str, address: str, port: int, *, expected: bool) -> None:
    assert allow_list.parse(text).holds(ip_address(address), port) is expected


@pytest.mark.parametrize(
    "text",
    [
        "http://nas.lan",
        "nas lan",
        "*.lan",
        "nas.lan:0",
        "nas.lan:99999",
        "nas:port",
        "192.168.1.5/24",
        "10.1",
        "256.1.1.1",
        "[nas]",
        "[::1",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  it has no words of its own: the settings give them
        allow_list.parse(text)
