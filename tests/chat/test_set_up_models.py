"""Providers and models that operators set up in the admin: in force for the next question, for their own tenant alone."""

import asyncio
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from accounts.models import AuditEntry, Grant, Secret, User
from accounts.people import directory
from accounts.vault import store
from chat.models import ModelProvider, ProviderModel
from tests.accounts.operators.steps import act, operator, submit
from tests.client import Client, text_of
from tests.ports import free_port
from tests.stack import KEY, Galaxy

PAGE = "/admin/chat/modelprovider"
FORMSET = {"models-TOTAL_FORMS": "1", "models-INITIAL_FORMS": "0"}


def form(galaxy: Galaxy, **given: str) -> dict[str, str]:
    """A provider with one model, at the stand-in."""
    row = {"models-0-name": "Ours", "models-0-model": "stand-in-small", "models-0-position": "0"}
    switches = {"enabled": "on", "models-0-enabled": "on", "models-0-system_role": "on"}
    own = {"name": "House", "kind": "openai", "base_url": f"{galaxy.providers.url}/v1", "secret_key": KEY}
    return FORMSET | own | row | switches | given


def set_up(galaxy: Galaxy, person: User, *, model: str = "Ours", key: str = KEY, **given: Any) -> ProviderModel:
    """The same by rows."""
    own = {"name": f"House {model}", "kind": "openai", "base_url": f"{galaxy.providers.url}/v1"}
    provider = ModelProvider.objects.create(tenant=person.tenant, **own | given)
    provider.secret = store.put(person.tenant, f"provider {provider.pk}", key)
    provider.save()
    return ProviderModel.objects.create(provider=provider, name=model, model="stand-in-small")


async def offered(client: Client) -> list[str]:
    async with client.rest() as rest:
        return [model["name"] for model in (await rest.get("/api/config")).json()["models"]]


async def until(client: Client, name: str, *, there: bool = True) -> None:
    """Wait until the model is offered, or not any more."""
    async with asyncio.timeout(10):
        while (name in await offered(client)) is not there:
            await asyncio.sleep(0.05)


async def answer(client: Client, model: str, *, text: str = "[[tokens=3]]", **asked: Any) -> list[dict[str, Any]]:
    async with client.rest() as rest:
        accepted = await rest.post("/api/runs", json={"text": text, "model": model, **asked})
        assert accepted.status_code == httpx.codes.CREATED, accepted.text
    return await client.events(accepted.json()["run_id"])


def test_the_owner_adds_a_provider_with_its_key_and_sees_that_it_answers(galaxy: Galaxy) -> None:
    owner = directory.owner()
    with operator(galaxy, owner) as browser:
        submit(browser, f"{PAGE}/add/", **form(galaxy))
        provider = ModelProvider.objects.get(tenant=owner.tenant, name="House")
        try:
            assert "Ours answers." in browser.get(f"{PAGE}/").text
            page = browser.get(f"{PAGE}/{provider.pk}/change/").text
            assert KEY not in page
            assert provider.secret
            assert store.reveal(provider.secret) == KEY
            made = AuditEntry.objects.filter(action="provider.created", target=str(provider.pk))
            assert KEY not in str(list(made.values()))
        finally:
            act(browser, f"{PAGE}/", "delete_selected", provider.pk, post="yes")
        assert not ModelProvider.objects.filter(pk=provider.pk).exists()
        assert not Secret.objects.filter(pk=provider.secret.pk).exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"secret_key": "sk-wrong"}, "Ours does not answer: OpenAI does not accept the key"),
        ({"models-0-model": "no-such-model"}, "Ours does not answer: "),
        ({"base_url": "http://127.0.0.1:{closed}/v1"}, "Ours does not answer: "),
        ({"models-TOTAL_FORMS": "0"}, "House answers. Add some of its models: "),
        ({"models-TOTAL_FORMS": "0", "base_url": "http://127.0.0.1:{closed}/v1"}, "House does not list its models."),
        ({"base_url": "127.0.0.1:80"}, "Write an address such as https://llm.example.org/v1."),
        ({"base_url": "", "kind": "vllm"}, "address, such as http://127.0.0.1:8080/v1."),
        ({"base_url": "http://[::1/v1"}, "This is not an address that can be called"),
        ({"base_url": "http://127.0.0.1:99999/v1"}, "This is not an address that can be called"),
        ({"secret_key": "sk-one\nsk-two"}, "A key is one line without control characters."),
        ({"base_url": "", "kind": "anthropic", "secret_key": ""}, "Enter a key."),
        ({"base_url": "", "kind": "bedrock", "secret_key": ""}, "Enter a key."),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(galaxy: Galaxy, given: dict[str, str], expected: str) -> None:
    owner = directory.owner()
    closed = free_port()
    with operator(galaxy, owner) as browser:
        sent = submit(
            browser, f"{PAGE}/add/", **form(galaxy, **{name: value.format(closed=closed) for name, value in given.items()})
        )
        page = sent.text if sent.status_code == httpx.codes.OK else browser.get(f"{PAGE}/").text
        for provider in ModelProvider.objects.filter(tenant=owner.tenant, name="House"):
            act(browser, f"{PAGE}/", "delete_selected", provider.pk, post="yes")
    assert expected in page.replace("&#x27;", "'")


async def test_a_model_counts_for_the_next_question_and_for_its_tenant_alone(
    galaxy: Galaxy, alice: User, alice_client: Client, bob_client: Client, charlie_client: Client
) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Only here")
    await until(alice_client, "Only here")
    assert "Only here" in await offered(bob_client)
    assert "Only here" not in await offered(charlie_client)
    assert text_of(await answer(alice_client, "Only here"))
    async with charlie_client.rest() as rest:
        refused = await rest.post("/api/runs", json={"text": "[[tokens=3]]", "model": "Only here"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_model")
    await Grant.objects.filter(tenant=alice.tenant, kind="model").adelete()
    assert await offered(bob_client) == []
    await ProviderModel.objects.filter(pk=row.pk).adelete()


async def test_a_change_is_in_force_in_an_open_conversation(galaxy: Galaxy, alice: User, alice_client: Client) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Moving")
    await until(alice_client, "Moving")
    async with alice_client.rest() as rest:
        first = (await rest.post("/api/runs", json={"text": "[[tokens=2]]", "model": "Moving"})).json()
    await alice_client.events(first["run_id"])
    await sync_to_async(store.put)(alice.tenant, f"provider {row.provider_id}", "sk-wrong")
    await asyncio.sleep(1)  # what operators set is in force within it
    frames = await answer(alice_client, "Moving", conversation_id=first["conversation_id"])
    assert frames[-1]["error"]["code"] == "model_unauthorised"
    await ModelProvider.objects.filter(pk=row.provider_id).aupdate(enabled=False)
    await until(alice_client, "Moving", there=False)


async def test_two_tenants_may_use_one_name_for_models_of_their_own(
    galaxy: Galaxy, alice: User, alice_client: Client, charlie: User, charlie_client: Client
) -> None:
    await sync_to_async(set_up)(galaxy, alice, model="Twin", key="sk-wrong")
    await sync_to_async(set_up)(galaxy, charlie, model="Twin")
    await until(alice_client, "Twin")
    await until(charlie_client, "Twin")
    assert text_of(await answer(charlie_client, "Twin"))
    assert (await answer(alice_client, "Twin"))[-1]["error"]["code"] == "model_unauthorised"


def test_only_the_owner_enters_addresses_and_a_stranger_sees_no_provider(galaxy: Galaxy, alice: User, charlie: User) -> None:
    with operator(galaxy, alice) as browser:
        assert "Only the owner of this Galaxy can enter an address." in submit(browser, f"{PAGE}/add/", **form(galaxy)).text
    assert not ModelProvider.objects.filter(tenant=alice.tenant).exists()
    row = set_up(galaxy, alice, model="Hidden")
    with operator(galaxy, charlie) as browser:
        assert "Hidden" not in browser.get(f"{PAGE}/").text
        assert browser.get(f"{PAGE}/{row.provider_id}/change/").status_code in (302, 404)


@pytest.mark.parametrize("kind", ["ollama", "lm_studio", "vertex_ai"])
def test_only_the_owner_chooses_what_is_asked_as_this_machine_or_on_it(galaxy: Galaxy, alice: User, kind: str) -> None:
    with operator(galaxy, alice) as browser:
        page = submit(browser, f"{PAGE}/add/", **form(galaxy, kind=kind, base_url="")).text
    assert "Only the owner of this Galaxy can choose this kind" in page
    assert not ModelProvider.objects.filter(tenant=alice.tenant).exists()


@pytest.mark.parametrize("moved", [{"base_url": ""}, {"kind": "lm_studio"}, {"base_url": "http://127.0.0.1:{closed}/v1"}])
def test_a_stored_key_goes_to_no_other_place_than_that_for_which_it_was_entered(galaxy: Galaxy, moved: dict[str, str]) -> None:
    owner = directory.owner()
    with operator(galaxy, owner) as browser:
        submit(browser, f"{PAGE}/add/", **form(galaxy))
        provider = ModelProvider.objects.get(tenant=owner.tenant, name="House")
        try:
            given = {name: value.format(closed=free_port()) for name, value in moved.items()} | {"secret_key": ""}
            given |= {"models-TOTAL_FORMS": "0"}
            refused = submit(browser, f"{PAGE}/{provider.pk}/change/", **form(galaxy, **given))
            assert "Enter the key again" in refused.text
            provider.refresh_from_db()
            assert (provider.kind, provider.base_url) == ("openai", f"{galaxy.providers.url}/v1")
            if given.get("base_url") == "":  # the provider's own address is not to be asked by tests
                return
            submit(browser, f"{PAGE}/{provider.pk}/change/", **form(galaxy, **given | {"secret_key": "sk-another"}))
            provider.refresh_from_db()
            assert {name: getattr(provider, name) for name in moved} == {name: given[name] for name in moved}
        finally:
            act(browser, f"{PAGE}/", "delete_selected", provider.pk, post="yes")


async def test_a_model_whose_key_is_gone_is_not_asked_with_this_machines_own(
    galaxy: Galaxy, alice: User, alice_client: Client
) -> None:
    row = await sync_to_async(set_up)(galaxy, alice, model="Claude", kind="anthropic", base_url="")
    await until(alice_client, "Claude")
    await Secret.objects.filter(tenant=alice.tenant, name=f"provider {row.provider_id}").adelete()
    await until(alice_client, "Claude", there=False)


def test_no_operator_reaches_another_tenants_models_through_a_form_of_their_own(
    galaxy: Galaxy, alice: User, charlie: User
) -> None:
    theirs, own = set_up(galaxy, charlie, model="Theirs"), set_up(galaxy, alice, model="Mine")
    stolen = {"models-INITIAL_FORMS": "1", "models-0-id": str(theirs.pk), "models-0-name": "Stolen", "secret_key": ""}
    with operator(galaxy, alice) as browser:
        for provider in (own.provider_id, theirs.provider_id):
            for deletes in ({}, {"models-0-DELETE": "on"}):
                given = stolen | deletes | {"models-0-provider": str(provider), "name": own.provider.name}
                submit(browser, f"{PAGE}/{own.provider_id}/change/", **form(galaxy, **given))
        act(browser, f"{PAGE}/", "delete_selected", theirs.provider_id, post="yes")
        act(browser, f"{PAGE}/", "try_them", theirs.provider_id)
        assert "Theirs" not in browser.get(f"{PAGE}/").text
    for row, name in ((theirs, "Theirs"), (own, "Mine")):
        row.refresh_from_db()
        assert (row.name, row.provider.name) == (name, f"House {name}")
