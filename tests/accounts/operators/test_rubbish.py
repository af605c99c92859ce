"""Addresses and forms that no page of ours makes: each is refused plainly, none breaks anything."""

import html

import pytest
from django.contrib import admin

from accounts.models import Grant, Group, User
from accounts.operators.tenant_scope import RowField
from tests.accounts.operators.steps import TOKEN, operator, submit
from tests.stack import Galaxy

PAGES = sorted(model._meta.label_lower.replace(".", "/") for model in admin.site._registry)
ACTIONS = {model._meta.label_lower.replace(".", "/"): page.actions or () for model, page in admin.site._registry.items()}
NO_IDS = ("x", "99999999999999999999", "0" * 5000)
NO_KEYS = ("abc", "-1", "NaN", "٣", "\N{REPLACEMENT CHARACTER}", *NO_IDS)
CHOICES = [("grant", ("person", "group")), ("budget", ("person", "group", "token")), ("secret", ("owner",))]
DEEP = 900  # brackets, which are still read
NO_LIMITS = {
    "half a character": (r'{"x":"\ud800"}', "cannot be stored"),
    "half a character alone": (r'"\ud800"', "A JSON Schema is an object"),
    "a NUL": (r'{"const":"\u0000"}', "cannot be stored"),
    "brackets": ("[" * 5000, "This JSON is too large."),
    "brackets that close": ('{"not":' * DEEP + "{}" + "}" * DEEP, "nested too deeply"),
    "a number of many digits": ("9" * 5000, "This JSON is too large."),
    "no number": ('{"const":NaN}', "cannot be stored"),
    "more than 64 bits": ('{"properties":{"a":{"const":99999999999999999999999}}}', "a number that is too large"),
}
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
        "accounts/user/?is_staff__exact=7",
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


@pytest.mark.parametrize(("page", "fields"), CHOICES)
def test_a_choice_that_no_row_could_be_is_refused(galaxy: Galaxy, alice: User, page: str, fields: tuple[str, ...]) -> None:
    add = f"/admin/accounts/{page}/add/"
    with operator(galaxy, alice) as browser:
        for key in NO_KEYS:
            refused = submit(browser, add, **dict.fromkeys(fields, key))
            assert refused.status_code == 200, key
            assert refused.text.count("Select a valid choice. That choice is not one") >= len(fields), key
        for field in fields:
            assert [browser.get(f"{add}?{field}={key}").status_code for key in ("abc", "%ED%A0%80")] == [200, 200]


def test_a_choice_that_stays_empty_is_no_change(alice: User) -> None:
    choice = RowField(User.objects.filter(pk=alice.pk), required=False)
    assert not choice.has_changed(None, "")
    assert not choice.has_changed(alice.pk, str(alice.pk))
    assert choice.has_changed(None, "abc")


def test_a_choice_of_several_that_no_row_could_be_is_refused(galaxy: Galaxy, alice: User) -> None:
    with operator(galaxy, alice) as browser:
        for key in NO_KEYS:
            given = {"email": "somebody@example.test", "groups": [key]}
            assert submit(browser, "/admin/accounts/invitation/add/", **given).status_code == 200, key


def test_a_change_to_what_no_row_could_be_is_refused(galaxy: Galaxy, alice: User) -> None:
    grant = Grant.objects.create(tenant=alice.tenant, person=alice, action="use", kind="model")
    group = Group.objects.create(tenant=alice.tenant, name="Children")
    line = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0", "memberships-0-person": "abc"}
    with operator(galaxy, alice) as browser:
        for page, given in ((f"grant/{grant.pk}", {"person": "abc"}), (f"group/{group.pk}", {"name": "Children", **line})):
            refused = submit(browser, f"/admin/accounts/{page}/change/", **given)
            assert refused.status_code == 200
            assert "Select a valid choice" in refused.text
    grant.refresh_from_db()
    assert grant.person_id == alice.pk


@pytest.mark.parametrize(("limits", "words"), NO_LIMITS.values(), ids=NO_LIMITS)
def test_limits_that_cannot_be_kept_are_shown_as_they_were_written(
    galaxy: Galaxy, alice: User, limits: str, words: str
) -> None:
    fields = {"effect": "allow", "action": "use", "kind": "model", "target": "*", "limits": limits}
    with operator(galaxy, alice) as browser:
        refused = submit(browser, "/admin/accounts/grant/add/", **fields)
    assert refused.status_code == 200
    assert words in refused.text
    assert limits in html.unescape(refused.text)
