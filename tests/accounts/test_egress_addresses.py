"""Addresses that count as public, in every form in which they may be written."""

import pytest
from yarl import URL

from accounts.egress import addresses, targets
from accounts.egress.errors import BadAddress


@pytest.mark.parametrize(
    "text", ["93.184.215.14", "1.1.1.1", "192.31.196.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"]
)
def test_public(text: str) -> None:
    assert addresses.is_public(addresses.plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1.1.1.1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:101:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_not_public(text: str) -> None:
    assert not addresses.is_public(addresses.plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "//example.org/",
        "http:///path",
        "http://",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "javascript:alert(1)",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://@example.org/",
        "http://:@example.org/",
        "http://example.org@127.0.0.1/",
        "http://exam\nple.org/",
        "http://example.org/\r\nX: y",
        "http://example.org/a b",
        "http://example.org\\@127.0.0.1/",
        "http://exam\u200bple.org/",
        "http://exam\u00adple.org/",
        "http://a\uff20b/",
        "http://a\x00b/",
        "http://a%00b/",
        "http://%31%32%37.0.0.1/",
        "http://a..b/",
        "http://.a/",
        "http://localhost../",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:80:80/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[v1.x]/",
        "http://[1.2.3.4]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://127.1/",
        "http://127.1./",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://0x/",
        "http://a.0x7f/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1.1/",
        "http://256.1.1.1/",
        "http://example.1/",
        f"http://{'a' * 64}.org/",
        f"http://{'a.' * 150}org/",
        f"http://example.org/{'a' * 9000}",
    ],
)
def test_no_address_that_can_be_called(text: str) -> None:
    with pytest.raises(BadAddress):
        targets.parse(text)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("HTTP://Example.ORG/", "example.org", 80),
        ("https://example.org:8443/a?b=c#d", "example.org", 8443),
        ("https://example.org./", "example.org", 443),
        ("http://bücher.example/", "xn--bcher-kva.example", 80),
        ("http://my_service:3000/", "my_service", 3000),
        ("http://1e100.net/", "1e100.net", 80),
        ("http://[2606:4700:4700:0::1111]/", "2606:4700:4700::1111", 80),
        # The parser writes these plainly, and the client connects to what it wrote.
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1", 80),
        ("http://127。0。0。1/", "127.0.0.1", 80),
        ("http://１２７.0.0.1/", "127.0.0.1", 80),
        ("http://127.0.0.1./", "127.0.0.1", 80),
    ],
)
def test_an_address_leads_to_one_host_and_port(text: str, host: str, port: int) -> None:
    assert targets.origin_of(targets.parse(text)).place == (host, port)


def test_a_place_in_a_redirect_is_read_as_strictly() -> None:
    here = URL("https://example.org/a/b")
    assert str(targets.follow(here, "../c?d=e")) == "https://example.org/c?d=e"
    assert str(targets.follow(here, "//other.example/")) == "https://other.example/"
    for location in ("file:///etc/passwd", "//user@other.example/", "http://127.1/", "/a b", "http:\\\\127.0.0.1"):
        with pytest.raises(BadAddress):
            targets.follow(here, location)
