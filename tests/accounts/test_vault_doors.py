"""The vault's doors: what goes in never comes out, and everyone finds his own alone."""

import asyncio
import re
import uuid

import httpx
import pytest

from accounts.models import Secret
from accounts.vault import store
from tests.accounts.test_people import submit
from tests.client import Client
from tests.stack import Galaxy

VALUE = "sk-planted-0123456789abcdef"
CHANGE = re.compile(r"/admin/accounts/secret/([0-9a-f-]{36})/change/")


async def test_a_person_keeps_lists_and_deletes_secrets(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        kept = await rest.put("/api/secrets/my openai:key", json={"value": VALUE})
        listed = await rest.get("/api/secrets")
        assert listed.json() == [kept.json()]
        assert kept.json().keys() == {"name", "hint", "created_at", "changed_at", "used_at"}
        assert (kept.json()["name"], kept.json()["hint"]) == ("my openai:key", "cdef")
        assert VALUE not in kept.text + listed.text
        assert (await rest.put("/api/secrets/my openai:key", json={"value": "other-0123456789"})).json()["hint"] == "6789"
        assert (await rest.delete("/api/secrets/my openai:key")).status_code == 204
        assert (await rest.get("/api/secrets")).json() == []


async def test_others_find_nothing(alice_client: Client, bob_client: Client, charlie_client: Client) -> None:
    async with alice_client.rest() as rest:
        await rest.put("/api/secrets/openai", json={"value": VALUE})
    for client in (bob_client, charlie_client):
        async with client.rest() as rest:
            assert (await rest.get("/api/secrets")).json() == []
            assert (await rest.delete("/api/secrets/openai")).status_code == 404
            assert (await rest.put("/api/secrets/openai", json={"value": "my own"})).status_code == 200
    async with alice_client.rest() as rest:
        assert [secret["hint"] for secret in (await rest.get("/api/secrets")).json()] == ["cdef"]


async def test_nobody_who_is_not_signed_in(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/api/secrets")).status_code == 401
    assert (await anonymous.put("/api/secrets/openai", json={"value": VALUE})).status_code == 401


@pytest.mark.parametrize("body", [{"value": ""}, {"value": ["sk-planted"]}, {}, {"value": "sk-planted" * 2000}])
async def test_a_value_that_is_not_kept_is_not_repeated(alice_client: Client, body: dict[str, object]) -> None:
    async with alice_client.rest() as rest:
        refused = await rest.put("/api/secrets/openai", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "bad_values"
    assert "planted" not in refused.text


def test_an_operator_enters_a_secret_and_never_sees_it_again(galaxy: Galaxy) -> None:
    name = f"key {uuid.uuid4().hex[:8]}"
    with httpx.Client(base_url=galaxy.base_url, cookies={"galaxy_session": galaxy.owner_cookie()}, timeout=20) as operator:
        page = "/admin/accounts/secret/add/"
        assert "1 to" in submit(operator, page, name=name, value="").text
        assert submit(operator, page, name=name, value=VALUE, _continue="1").status_code == httpx.codes.FOUND
        assert "already exists" in submit(operator, page, name=name, value=VALUE).text
        kept = Secret.objects.get(name=name)
        assert (store.reveal(kept), kept.owner) == (VALUE, None)

        change = f"/admin/accounts/secret/{kept.pk}/change/"
        shown = operator.get(change).text + operator.get("/admin/accounts/secret/").text
        assert VALUE not in shown
        assert "cdef" in shown
        assert submit(operator, change, value="").status_code == httpx.codes.FOUND
        assert store.reveal(Secret.objects.get(pk=kept.pk)) == VALUE
        assert submit(operator, change, value="other-0123456789").status_code == httpx.codes.FOUND
        assert store.reveal(Secret.objects.get(pk=kept.pk)) == "other-0123456789"
        history = operator.get(f"/admin/accounts/secret/{kept.pk}/history/").text
    assert VALUE not in history
    assert "other-0123456789" not in history


async def test_what_is_kept_and_deleted_is_in_the_audit_without_its_value(alice_client: Client) -> None:
    async with alice_client.rest() as rest:
        await rest.put("/api/secrets/audited", json={"value": VALUE})
        await rest.delete("/api/secrets/audited")
        async with asyncio.timeout(5):
            while len(found := (await rest.get("/api/audit", params={"kind": "secret"})).json()["results"]) < 2:
                await asyncio.sleep(0.1)
    assert [(row["action"], row["detail"]["name"]) for row in found] == [
        ("secret.deleted", "audited"),
        ("secret.kept", "audited"),
    ]
    assert VALUE not in str(found)
