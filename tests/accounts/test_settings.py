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


async def test_htmx_gets_the_section_of_the_form_that_it_sent(visitor: Visitor, alice_with_password: User) -> None:
    await visitor.sign_in(alice_with_password)
    long: dict[str, object] = {"instructions": "x" * 5_000}
    of_forms: list[tuple[str, dict[str, object], int, str]] = [
        ("/settings/profile", {"name": "Alice"}, 200, "profile"),
        ("/settings/instructions", {"instructions": "Be brief."}, 200, "instructions"),
        ("/settings/instructions", long, 422, "instructions"),
        ("/settings/tokens", {"name": "Nothing", "once": "1"}, 422, "tokens"),
        (f"/settings/tokens/{NOBODYS}/revoke", {}, 404, ""),
        ("/settings/apps/disconnect", {"client_id": "not hers"}, 404, ""),
    ]
    visitor.headers["HX-Request"] = "true"
    for address, fields, status, section in of_forms:
        answer = await visitor.form(address, **fields)
        assert answer.status_code == status, address
        if section:
            assert answer.text.count("<section") == 1
            assert f'<section id="{section}"' in answer.text
            assert ('aria-invalid="true"' in answer.text or "autofocus" in answer.text) == (status == 422)
            assert ('hx-target="#toasts"' in answer.text) == (status == 200)
    visitor.cookies.delete("galaxy_session")
    signed_out = await visitor.form("/settings/profile", name="Mallory")
    assert signed_out.headers["location"].startswith("/sign-in")
