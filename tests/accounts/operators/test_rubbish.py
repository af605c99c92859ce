"""Addresses and forms that no page of ours makes: each is refused plainly, none breaks anything."""

import pytest
from django.contrib import admin

from accounts.models import User
from tests.accounts.operators.steps import TOKEN, operator, submit
from tests.stack import Galaxy

PAGES = sorted(model._meta.label_lower.replace(".", "/") for model in admin.site._registry)
ACTIONS = {model._meta.label_lower.replace(".", "/"): page.actions or () for model, page in admin.site._registry.items()}
NO_IDS = ("x", "99999999999999999999", "0" * 5000)
ASKED = ("o=x.-99", "p=x", "p=-1", "q=" + "9" * 3000, "_to_field=x", "id__exact=x")


@pytest.mark.parametrize("name", PAGES)
def test_an_id_that_no_row_could_have_is_refused(galaxy: Galaxy, alice: User, name: str) -> None:
    with operator(galaxy, alice) as browser:
        pages = [browser.get(f"/admin/{name}/{one}/{page}/") for one in NO_IDS for page in ("change", "delete", "history")]
        token = TOKEN.findall(browser.get("/admin/accounts/user/").text)[0]
        for action in ("delete_selected", "no_action", *ACTIONS[name]):
            for one in ("", *NO_IDS):
                form = {"csrfmiddlewaretoken": token, "action": action, "index": "0", "_selected_action": one}
                pages.append(browser.post(f"/admin/{name}/", data=form, headers={"Origin": galaxy.base_url}))
    assert all(page.status_code < 500 for page in pages), [(page.status_code, page.url) for page in pages]


@pytest.mark.parametrize("name", PAGES)
def test_a_list_that_is_asked_for_rubbish_still_answers(galaxy: Galaxy, alice: User, name: str) -> None:
    with operator(galaxy, alice) as browser:
        pages = [browser.get(f"/admin/{name}/?{asked}") for asked in ASKED]
    assert all(page.status_code < 500 for page in pages), [(page.status_code, page.url) for page in pages]


@pytest.mark.parametrize(
    "wanted",
    [
        "accounts/auditentry/?kind__regex=[",
        "accounts/auditentry/?target__range=x",
        "oauth2_provider/application/?registration_source__iregex=(",
        "accounts/auditentry/?at_from_0=x&at_from_1=y&at_to_0=99999-01-01",
        "accounts/user/?is_active__exact=7",
    ],
)
def test_a_filter_that_is_none_breaks_nothing(galaxy: Galaxy, alice: User, wanted: str) -> None:
    with operator(galaxy, alice) as browser:
        assert browser.get(f"/admin/{wanted}").status_code < 500


def test_a_grant_does_not_end_when_some_clocks_have_no_time(galaxy: Galaxy, alice: User) -> None:
    last = {"expires_at_0": "9999-12-31", "expires_at_1": "23:59:59"}
    with operator(galaxy, alice) as browser:
        browser.cookies.set("galaxy_zone", "America%2FNew_York")
        fields = {"effect": "allow", "action": "use", "kind": "model", "target": "*", "limits": "", **last}
        refused = submit(browser, "/admin/accounts/grant/add/", **fields)
        assert refused.status_code == 200
        assert "Choose a year from 1970 to 2200." in refused.text
        assert browser.get("/admin/accounts/grant/").status_code == 200
