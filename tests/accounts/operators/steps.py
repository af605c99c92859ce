"""Steps of operators, without a browser."""

import re
from typing import Any

import httpx

from accounts.models import User
from tests.people import session_of
from tests.stack import Galaxy

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def operator(galaxy: Galaxy, person: User) -> httpx.Client:
    """The person as an operator, signed in."""
    User.objects.filter(pk=person.pk).update(is_staff=True)
    cookies = {"galaxy_session": session_of(person, is_fresh=True)}
    return httpx.Client(base_url=galaxy.base_url, cookies=cookies, timeout=30, verify=False)


def submit(browser: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    """Fill in the form of a page."""
    token = TOKEN.findall(browser.get(path).text)[0]
    return browser.post(path, data={"csrfmiddlewaretoken": token, **fields}, headers={"Origin": str(browser.base_url)})


def act(browser: httpx.Client, path: str, action: str, *ids: object, **more: str) -> httpx.Response:
    """Choose rows of a list and run an action on them."""
    return submit(browser, path, action=action, _selected_action=[str(one) for one in ids], **more)
