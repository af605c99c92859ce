"""What the log of a web process never tells."""

import httpx

from accounts.models import SignInLink, User
from tests.client import BUTTON
from tests.stack import Galaxy


def test_no_token_of_a_link_reaches_the_log_however_it_is_asked_for(galaxy: Galaxy, alice: User) -> None:
    token = SignInLink.issue(alice)
    link = f"{galaxy.base_url}/sign-in/link/{token}"
    elsewhere = {"Host": "elsewhere.example"}
    with httpx.Client() as browser:
        refused = [
            browser.post(link),
            browser.post(link, headers={"Origin": "https://evil.example"}),
            browser.get(link, headers=elsewhere),
            browser.put(link),
            *(
                browser.get(f"{galaxy.base_url}{path}{token}")
                for path in ("//sign-in/link/", "/sign-in//link/", "/Sign-In/Link/")
            ),
            browser.get(f"{link}/more"),
        ]
    assert {answer.status_code for answer in refused} <= {400, 403, 404, 405}
    log = (galaxy.data_dir / "logs" / "web-1.log").read_text()
    assert "/sign-in/link/…" in log
    assert token not in log
    assert "Traceback" not in log


def test_a_slash_at_the_end_does_no_harm(galaxy: Galaxy, alice: User) -> None:
    with httpx.Client(base_url=galaxy.base_url, follow_redirects=True) as browser:
        assert browser.get("/sign-in/?next=/c/x").url.raw_path == b"/sign-in?next=/c/x"
        link = f"/sign-in/link/{SignInLink.issue(alice)}"
        assert f"Sign in as {alice.email}" in browser.get(f"{link}/").text
        assert httpx.post(galaxy.base_url + link, **BUTTON).headers["location"] == "/"
