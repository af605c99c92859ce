"""Apps that name themselves by a document: which documents are taken, and who can make Galaxy fetch one."""

from typing import Any

import pytest
from oauth2_provider.models import Application

from accounts.oauth import client_metadata, redirects
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import App, Browser
from tests.app_site import AppSite

LOCAL = "http://127.0.0.1/callback"


async def is_taken(browser: Browser, app: App, **changes: Any) -> bool:
    return (await browser.open(app.asking(**changes))).status_code == 200


async def test_what_galaxy_does_not_offer_is_left_out(browser: Browser, new_app: NewApp) -> None:
    app = new_app(
        client_name=f"  A \u202e\n{'n' * 100}",
        grant_types=["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris=[LOCAL, "http://plain.example/", "cursor://app/callback", "https://app.example/callback"],
        logo_uri="https://evil.example/pixel.png",
    )
    assert await is_taken(browser, app)
    kept = await Application.objects.aget(client_id=app.client_id)
    assert kept.redirect_uris == f"{LOCAL} https://app.example/callback"
    assert kept.name == f"A {'n' * 58}"
    assert "evil.example" not in (await browser.open(app.asking())).text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "https://127.0.0.1/other.json"},
        {"client_id": None},
        {"redirect_uris": []},
        {"redirect_uris": "https://app.example/"},
        {"redirect_uris": ["http://plain.example/"]},
        {"redirect_uris": [None]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": "authorization_code"},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_secret": "x"},
    ],
)
async def test_a_document_that_is_not_in_order_is_no_app(browser: Browser, new_app: NewApp, changes: dict[str, Any]) -> None:
    assert not await is_taken(browser, new_app(**changes))


@pytest.mark.parametrize(
    "served",
    [
        {"document": b"{"},
        {"document": b"[]"},
        {"document": b'"x"'},
        {"document": b"\xff\xfe"},
        {"status": 404},
        {"status": 302},
        {"kind": "text/html"},
        {"client_uri": "x" * 20_000},
    ],
)
async def test_what_is_no_document_is_no_app(browser: Browser, new_app: NewApp, served: dict[str, Any]) -> None:
    assert not await is_taken(browser, new_app(**served))


async def test_nobody_makes_galaxy_fetch_who_is_not_signed_in(app_site: AppSite, app: App, galaxy: object) -> None:
    path = app.client_id.removeprefix(app_site.origin)
    stranger = Browser(app.base_url)
    assert (await stranger.open(app.asking())).status_code == 302
    assert (await app.exchange("made up")).json()["error"] == "invalid_client"
    assert (await app.refresh("made up")).json()["error"] == "invalid_client"
    assert (await app.revoke("made up")).json()["error"] == "invalid_client"
    assert app_site.asked[path] == 0


async def test_a_document_is_fetched_once_and_a_bad_one_not_at_once_again(
    app_site: AppSite, browser: Browser, new_app: NewApp
) -> None:
    good, bad = new_app(), new_app(status=500)
    for _ in range(3):
        assert await is_taken(browser, good)
        assert not await is_taken(browser, bad)
    for app in (good, bad):
        assert app_site.asked[app.client_id.removeprefix(app_site.origin)] == 1


async def test_one_person_does_not_make_galaxy_fetch_without_end(app_site: AppSite, browser: Browser, new_app: NewApp) -> None:
    apps = [new_app(status=404) for _ in range(client_metadata.MOST_A_MINUTE + 5)]
    for app in apps:
        assert not await is_taken(browser, app)
    assert sum(app_site.asked[app.client_id.removeprefix(app_site.origin)] for app in apps) == client_metadata.MOST_A_MINUTE


@pytest.mark.parametrize(
    "client_id",
    [
        "http://app.example/app.json",
        "HTTPS://app.example/app.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/a#b",
        "https://user@app.example/app.json",
        "https://app.example/a/../b",
        "https://app.example:99999/a",
        "https://[::1/a",
        "https://app.example/a b",
        "https://app.example/" + "a" * 250,
    ],
)
def test_such_a_client_id_is_not_even_asked(client_id: str) -> None:
    with pytest.raises(client_metadata.BadMetadata):
        client_metadata.Fetcher().fetch(client_id)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://app.example/callback?x=1", "https://app.example"),
        ("https://app.example:8443/", "https://app.example:8443"),
        ("http://localhost:1234/x", "http://localhost:1234"),
        ("http://[::1]:1234/x", "http:"),
        ("http://app.example/", None),
        ("https://app.example;script-src/", None),
        ("https://app.example,evil/", None),
        ("https://*.example/", None),
        ("https://", None),
        ("https:///x", None),
        ("http://2130706433/", None),
        ("app.example:/callback", None),
        ("data:text/html,x", None),
    ],
)
def test_where_a_page_may_lead(address: str, source: str | None) -> None:
    found = redirects.read(address)
    assert (found and found.source) == source


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 86400), ("max-age=600", 600), ("max-age=1", 300), ("max-age=99999999", 86400), ("no-store", 300), ("private", 86400)],
)
def test_how_long_a_document_is_kept(header: str, seconds: int) -> None:
    assert client_metadata._age(header) == seconds
