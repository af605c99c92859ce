"""The addresses that take forms of the settings, opened without one: a reload, or a sign-in that came between."""

import pytest

from accounts.models import User
from tests.visitor import Visitor

NOBODYS = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("settings/profile", "/settings#profile"),
        ("settings/instructions", "/settings#instructions"),
        ("settings/tokens", "/settings#tokens"),
        (f"settings/tokens/{NOBODYS}/revoke", "/settings#tokens"),
        ("settings/apps/disconnect", "/settings#apps"),
        ("settings/data/remove", "/settings/data#remove"),
        ("settings/data/export", "/settings/data"),
        ("settings/security/app/remove", "/settings/security"),
        ("settings/security/passkeys/1/remove", "/settings/security"),
        ("settings/security/sessions/end", "/settings/security"),
        (f"settings/security/sessions/{NOBODYS}/end", "/settings/security"),
        ("settings/security/providers/oidc/link", "/settings/security"),
        ("settings/security/providers/1/part", "/settings/security"),
    ],
)
async def test_an_address_of_a_form_leads_to_the_form(
    visitor: Visitor, alice_with_password: User, address: str, section: str
) -> None:
    await visitor.sign_in(alice_with_password)
    for method in ("GET", "HEAD"):
        shown = await visitor.request(method, f"/{address}")
        assert (shown.status_code, shown.headers["location"]) == (302, section)
