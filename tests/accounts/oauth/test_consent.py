"""The consent page: no one is sent anywhere, and nothing is granted, before a person has decided."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from asgiref.sync import sync_to_async
from oauth2_provider.models import Application, Grant

from accounts.models import User
from tests.accounts.oauth.conftest import NewApp
from tests.accounts.oauth.steps import CALLBACK, App, Browser, answer, connected, why
from tests.client import BUTTON
from tests.stack import Galaxy


async def test_the_page_says_who_asks_for_what(browser: Browser, new_app: NewApp, alice: User) -> None:
    app = new_app(client_name="<b>Desk\u202e helper</b>")
    page = await browser.open(app.asking(scope="profile:read chat:write"))
    assert page.status_code == 200
    for words in ("&lt;b&gt;Desk helper&lt;/b&gt;", urlsplit(app.client_id).netloc, "Ask in your name", "See who you are"):
        assert words in page.text
    for words in (app.resource, "A program on your own computer", alice.email):
        assert words in page.text
    assert "Read your chats" not in page.text


async def test_allowing_answers_with_a_code_and_who_says_so(browser: Browser, app: App) -> None:
    told = answer(await browser.press(app.asking(), "allow"))
    assert set(told) == {"code", "state", "iss"}
    assert (told["state"], told["iss"]) == ("st&te", app.base_url)


async def test_denying_answers_without_one(browser: Browser, app: App) -> None:
    told = answer(await browser.press(app.asking(), "deny"))
    assert (told["error"], told["state"], told["iss"]) == ("access_denied", "st&te", app.base_url)
    assert "code" not in told


async def test_who_is_not_signed_in_signs_in_first(anonymous: httpx.AsyncClient, app: App) -> None:
    sent = await anonymous.get(app.asking(prompt="none"))
    assert sent.status_code == 302
    assert sent.headers["location"].startswith("/sign-in?next=/oauth/authorize")


async def never_redirected(browser: Browser, address: str) -> httpx.Response:
    page = await browser.open(address)
    assert page.status_code == 400, why(page)
    assert "location" not in page.headers
    assert "This app cannot be connected" in page.text
    assert "form-action 'self';" in page.headers["Content-Security-Policy"] + ";"
    return page


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1/callback/more",
        "http://127.0.0.1/callback?more=1",
        "http://127.0.0.1@evil.example/callback",
        "http://127.0.0.1/callback#fragment",
        "http://localhost/callback",
        "https://127.0.0.1/callback",
        "//evil.example/callback",
        "javascript:alert(1)",
        "http://127.0.0.1:99999/callback",
        "http://[::1/callback",
        "",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_apps(browser: Browser, app: App, redirect: str) -> None:
    page = await never_redirected(browser, app.asking(redirect_uri=redirect))
    assert "Back to" not in page.text


async def test_a_program_of_ones_own_may_listen_at_any_port(browser: Browser, app: App) -> None:
    for port in (1024, 51234, 65535):
        place = f"http://127.0.0.1:{port}/callback"
        sent = await browser.press(app.asking(redirect_uri=place), "allow")
        assert sent.headers["location"].startswith(f"{place}?code=")


@pytest.mark.parametrize(
    "client_id",
    ["nobody", "", "%zz", "https://127.0.0.1:1/app.json", "HTTPS://127.0.0.1:1/app.json", "https://", "x" * 5000],
)
async def test_an_unknown_app_is_a_page(browser: Browser, app: App, client_id: str) -> None:
    page = await never_redirected(browser, app.asking(client_id=client_id))
    assert "Back to" not in page.text


@pytest.mark.parametrize("query", ["", "?", "?client_id=%zz", "?a&b&=&%", "?client_id=a&client_id=b", "?%ff=%ff"])
async def test_any_query_is_answered(browser: Browser, query: str) -> None:
    await never_redirected(browser, f"/oauth/authorize{query}")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": ["query", "fragment"]}, "invalid_request"),
        ({"response_mode": ""}, "invalid_request"),
        ({"code_challenge": "x" * 5000}, "invalid_request"),
        ({"resource": None}, "invalid_target"),
        ({"resource": "https://evil.example/api"}, "invalid_target"),
        ({"resource": "slash"}, "invalid_target"),
        ({"resource": "two"}, "invalid_target"),
        ({"resource": "no address"}, "invalid_target"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
    ],
)
async def test_what_is_not_in_order_leads_back_only_by_choice(
    browser: Browser, app: App, changes: dict[str, Any], error: str
) -> None:
    others = {"slash": f"{app.resource}/", "two": [f"{app.base_url}/mcp", app.resource]}
    changes = changes | ({"resource": others[changes["resource"]]} if changes.get("resource") in others else {})
    page = await never_redirected(browser, app.asking(**changes))
    assert f'href="{CALLBACK}?error={error}&amp;' in page.text
    assert "iss=http" in page.text


async def test_a_scope_of_another_resource_is_none_here(browser: Browser, new_app: NewApp) -> None:
    page = await never_redirected(browser, new_app("/mcp").asking(scope="chat:read"))
    assert "error=invalid_scope" in page.text


async def test_who_asks_for_nothing_gets_the_least(browser: Browser, new_app: NewApp) -> None:
    for path, least in (("/api", "profile:read"), ("/mcp", "tools:list")):
        app = new_app(path)
        tokens = (await app.exchange(await browser.allow(app, scope=None))).json()
        assert tokens["scope"] == least


async def test_consent_is_asked_for_each_time_whatever_the_address_says(browser: Browser, app: App, alice: User) -> None:
    await connected(app, alice)
    await Application.objects.filter(client_id=app.client_id).aupdate(skip_authorization=True)
    for more in ({}, {"prompt": "none"}, {"prompt": "login"}, {"prompt": "create"}, {"approval_prompt": "auto"}):
        page = await browser.open(app.asking(**more))
        assert page.status_code == 200
        assert 'value="allow"' in page.text


async def test_a_form_has_no_say_in_what_is_granted(browser: Browser, app: App) -> None:
    more = {"scope": "chat:write", "resource": f"{app.base_url}/mcp", "redirect_uri": "https://evil.example/", "client_id": "x"}
    sent = await browser.press(app.asking(), "allow", **more)
    assert sent.headers["location"].startswith(f"{CALLBACK}?code=")
    tokens = (await app.exchange(answer(sent)["code"])).json()
    assert tokens["scope"] == "profile:read"
    assert (await app.me(tokens["access_token"])).status_code == 200


async def test_no_other_page_presses_the_button(browser: Browser, app: App) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}):
        refused = await browser.client.post(app.asking(), data={"decision": "allow"}, headers=headers)
        assert refused.status_code == 403
    foreign = {**BUTTON["headers"], "Origin": "https://evil.example"}
    refused = await browser.client.post(app.asking(), data={**BUTTON["data"], "decision": "allow"}, headers=foreign)
    assert refused.status_code == 403


async def test_a_token_gives_no_consent(app: App, alice: User) -> None:
    tokens = await connected(app, alice)
    async with httpx.AsyncClient(base_url=app.base_url) as client:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await client.get(app.asking(), headers=headers)).headers["location"].startswith("/sign-in")


async def test_the_page_cannot_be_framed_and_leads_nowhere_but_to_the_app(browser: Browser, app: App) -> None:
    page = await browser.open(app.asking())
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert page.headers["X-Frame-Options"] == "DENY"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' http://127.0.0.1:51234"
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    home = await browser.open("/sign-in")
    assert "127.0.0.1" not in home.headers["Content-Security-Policy"]


async def test_a_code_is_kept_for_who_allowed_it(browser: Browser, app: App, alice: User) -> None:
    code = await browser.allow(app, nonce="n" * 5000, claims="{}", state=None)
    grant = await sync_to_async(Grant.objects.select_related("user").get)(code=code)
    assert (grant.user, grant.resource, grant.code_challenge_method) == (alice, [app.resource], "S256")


async def test_an_unsafe_address_is_refused_even_when_it_was_registered(galaxy: Galaxy, browser: Browser) -> None:
    made = await Application.objects.acreate(
        client_type="public", authorization_grant_type="authorization-code", redirect_uris="http://plain.example/callback"
    )
    app = App(galaxy.base_url, made.client_id, callback="http://plain.example/callback")
    await never_redirected(browser, app.asking())
