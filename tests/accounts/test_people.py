"""Adding people and giving out passwords as an operator: the steps of docs/running.md."""

import re
import uuid

import httpx
import pytest

from accounts.models import User
from accounts.people import directory
from tests.client import BUTTON
from tests.stack import Galaxy

PASSWORD = "a long enough pass phrase"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TENANT = re.compile(r'<option value="([0-9a-f-]{36})"')
CHOSEN = re.compile(r'name="usable_password" value="(\w+)"[^>]* checked')
PERSON = re.compile(r"/admin/accounts/user/([0-9a-f-]{36})/change/")


@pytest.fixture
def operator(galaxy: Galaxy) -> httpx.Client:
    return httpx.Client(base_url=galaxy.base_url, cookies={"galaxy_session": galaxy.owner_cookie()})


def submit(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page."""
    page = browser.get(path).text
    token = TOKEN.findall(page)[0]
    return browser.post(path, data={"csrfmiddlewaretoken": token, **fields}, headers={"Origin": str(browser.base_url)})


def test_a_person_added_in_the_admin_comes_in_by_link_and_by_password(galaxy: Galaxy, operator: httpx.Client) -> None:
    address = f"Bob.{uuid.uuid4().hex[:8]}@Example.org"
    page = operator.get("/admin/accounts/user/add/").text
    untouched = {"usable_password": CHOSEN.findall(page)[0], "password1": "", "password2": ""}
    added = submit(operator, "/admin/accounts/user/add/", email=address, tenant=TENANT.findall(page)[0], **untouched)
    person = PERSON.findall(added.headers["location"])[0]

    link = galaxy.manage("sign_in_link", address).strip()
    assert httpx.post(link, **BUTTON).headers["location"] == "/"

    path = f"/admin/accounts/user/{person}/password/"
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"}
    assert submit(operator, path, **passwords).status_code == httpx.codes.FOUND
    with httpx.Client(base_url=galaxy.base_url) as browser:
        assert submit(browser, "/sign-in", username=address.upper(), password=PASSWORD).headers["location"] == "/"


def test_a_person_can_be_added_with_a_password_at_once(galaxy: Galaxy, operator: httpx.Client) -> None:
    address = f"dora.{uuid.uuid4().hex[:8]}@example.org"
    tenant = TENANT.findall(operator.get("/admin/accounts/user/add/").text)[0]
    fields = {"email": address, "tenant": tenant, "usable_password": "true"}
    assert "This field is required" in submit(operator, "/admin/accounts/user/add/", **fields).text
    fields |= {"password1": PASSWORD, "password2": PASSWORD}
    assert submit(operator, "/admin/accounts/user/add/", **fields).status_code == httpx.codes.FOUND
    with httpx.Client(base_url=galaxy.base_url) as browser:
        assert submit(browser, "/sign-in", username=address, password=PASSWORD).headers["location"] == "/"


def test_the_owner_stays_the_owner_when_their_address_is_changed(galaxy: Galaxy, operator: httpx.Client) -> None:
    owner = directory.owner()
    before, address = owner.email, f"me-{uuid.uuid4().hex[:8]}@example.org"
    path = f"/admin/accounts/user/{owner.pk}/change/"
    try:
        assert submit(operator, path, email=address, name="Me", is_staff="on").status_code == 302
        came_in = httpx.post(galaxy.manage("sign_in_link").strip(), **BUTTON)
        with httpx.Client(base_url=galaxy.base_url, cookies={"galaxy_session": came_in.cookies["galaxy_session"]}) as again:
            me = again.get("/api/me").json()
            assert (me["id"], me["email"], me["is_operator"]) == (str(owner.pk), address, True)
            assert again.get("/admin/accounts/tenant/").status_code == 200  # which no one else may see
        assert httpx.post(galaxy.manage("sign_in_link", before).strip(), **BUTTON).status_code == 302
        assert not User.objects.filter(email=before).exists()
    finally:
        User.objects.filter(pk=owner.pk).update(email=before, name=owner.name)
