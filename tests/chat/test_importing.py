"""`manage.py import_models`: a list of models becomes rows of a tenant, which operators change in the admin from then on."""

import asyncio
import json
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from accounts.models import AuditEntry, User
from accounts.vault import store
from chat.models import ModelProvider, ProviderModel
from tests.chat.test_set_up_models import answer, offered, set_up, until
from tests.chat.test_switching import refused
from tests.client import Client, text_of
from tests.providers.server import WRONG_KEY
from tests.stack import KEY, Galaxy

LIST = """
llms:
  - {{name: "First", provider: OpenAI, model_name: stand-in-small, base_url: "{url}/v1/", api_key: "{key}"}}
  - {{name: "Second", provider: openai, model_name: stand-in-large, base_url: "{url}/v1", api_key: "{key}", tools: false}}
  - {{name: "Claude", provider: anthropic, model_name: claude-sonnet-4-5, api_key: "{other}"}}
  - {{name: "Llama", provider: ollama, model_name: llama3.2, base_url: "http://localhost:11434/v1"}}
"""
OTHER_KEY = "sk-other-secret-1111111111111"
NAMES = ["First", "Second", "Claude", "Llama"]


class Listed:
    """A list in a file, and the command for the tenant of a person."""

    def __init__(self, galaxy: Galaxy, person: User, file: Path) -> None:
        self._galaxy, self._person, self._file = galaxy, person, file
        self.write(LIST)

    def write(self, text: str, *, key: str = KEY) -> None:
        self._file.write_text(text.format(url=self._galaxy.providers.url, key=key, other=OTHER_KEY))

    def run(self, *options: str) -> list[str]:
        """The lines that the command prints, none of them with a key."""
        said = self._galaxy.manage("import_models", str(self._file), "--tenant", self._person.tenant.name, *options)
        assert KEY not in said
        assert OTHER_KEY not in said
        return said.splitlines()

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        found = ProviderModel.objects.filter(provider__tenant=self._person.tenant).order_by("position")
        return list(found.values_list("name", "model", "provider__name"))


async def ending(client: Client, model: str) -> str:
    """The code of the failure of an answer; empty where it is whole."""
    return str((await answer(client, model))[-1].get("error", {}).get("code", ""))


@pytest.fixture
def listed(galaxy: Galaxy, alice: User, tmp_path: Path) -> Listed:
    return Listed(galaxy, alice, tmp_path / "llms.yml")


def test_the_difference_is_shown_and_nothing_written(listed: Listed, galaxy: Galaxy, alice: User) -> None:
    host = galaxy.providers.url.removeprefix("http://")
    assert listed.run() == [
        f"+ provider OpenAI at {host}: kind openai, address {galaxy.providers.url}/v1, key",
        "+   model First: model stand-in-small",
        "+   model Second: model stand-in-large, position 1, takes tools False",
        "+ provider Anthropic: kind anthropic, key",
        "+   model Claude: model claude-sonnet-4-5, position 2",
        "+ provider Ollama: kind ollama, address http://localhost:11434/v1",
        "+   model Llama: model llama3.2, position 3",
        f"Nothing is written yet. Add --write to do it for {alice.tenant}.",
    ]
    assert listed.rows == []


async def test_what_is_written_is_offered_to_that_tenant_alone_and_answers(
    listed: Listed, alice: User, alice_client: Client, charlie_client: Client
) -> None:
    assert listed.run("--write")[-1] == f"Written, for {alice.tenant}."
    await until(alice_client, "Llama")
    assert [name for name in await offered(alice_client) if name in NAMES] == NAMES
    assert set(NAMES).isdisjoint(await offered(charlie_client))
    assert text_of(await answer(alice_client, "Second"))
    assert listed.run("--write")[-1] == listed.run()[-1] == "Nothing to change."


def test_keys_are_in_the_vault_and_deeds_in_the_audit(listed: Listed, alice: User) -> None:
    listed.run("--write")
    kept = {row.name.split()[0]: row.secret for row in ModelProvider.objects.filter(tenant=alice.tenant)}
    assert {name: store.reveal(secret) for name, secret in kept.items() if secret} == {"OpenAI": KEY, "Anthropic": OTHER_KEY}
    made = ModelProvider.objects.get(tenant=alice.tenant, kind="anthropic")
    entry = AuditEntry.objects.get(action="provider.created", target=str(made.pk))
    assert json.loads(entry.detail)["fields"] == ["kind", "key", "models"]


async def test_a_change_of_the_list_changes_the_rows_and_removes_none(
    listed: Listed, galaxy: Galaxy, alice: User, alice_client: Client
) -> None:
    await sync_to_async(set_up)(galaxy, alice, model="Own", kind="openai", base_url="")
    listed.run("--write")
    await ModelProvider.objects.filter(tenant=alice.tenant, kind="anthropic").aupdate(name="Renamed")
    lines = LIST.splitlines()
    listed.write("\n".join([lines[1], lines[2].replace("small", "large"), lines[4]]), key=WRONG_KEY)
    said = listed.run("--write")
    host = galaxy.providers.url.removeprefix("http://")
    assert said[:-1] == [
        f"~ provider OpenAI at {host}: another key",
        "~   model First: model stand-in-small → stand-in-large",
        "=   model Second: not in the list, stays",
        "= provider Renamed",
        "~   model Claude: position 2 → 1",
        "= provider House Own: not in the list, stays",
        "= provider Ollama: not in the list, stays",
    ]
    assert len(await sync_to_async(lambda: listed.rows)()) == len(NAMES) + 1
    async with asyncio.timeout(20):  # the runner reads the rows twice a second
        while await ending(alice_client, "First") != "model_unauthorised":
            pass
    assert listed.run()[-1] == "Nothing to change."


def test_what_cannot_be_a_row_is_left_out_with_the_reason(listed: Listed) -> None:
    listed.write(
        LIST
        + """
  - {{name: "First", provider: anthropic, model_name: again}}
  - {{name: "Headed", provider: openai, model_name: a, headers: {{X-A: b}}}}
  - {{name: "Missing", provider: openai, model_name: a, api_key: "${{NO_SUCH_VARIABLE}}"}}
  - {{name: "Foreign", provider: cohere, model_name: a, api_key: "{other}"}}
  - {{name: "Nowhere", provider: vllm, model_name: a}}
"""
    )
    said = [line for line in listed.run("--write") if line.startswith("?")]
    assert said == [
        "? model Missing is left out: NO_SUCH_VARIABLE is not set in the environment.",
        "? model First is left out: a model before it has this name, and is the one that counts.",
        "? model Headed is left out: it has headers of its own, which only the list can hold.",
        "? model Foreign is left out: Value 'cohere' is not a valid choice.",
        "? model Nowhere is left out: Enter the server's address, such as http://127.0.0.1:8080/v1.",
    ]
    assert [name for name, *_ in listed.rows] == NAMES


def test_two_keys_at_one_place_are_two_providers(listed: Listed) -> None:
    listed.write(LIST + '  - {{name: "Fifth", provider: anthropic, model_name: claude-haiku-4-5, api_key: "{key}"}}\n')
    listed.run("--write")
    assert [provider for _, _, provider in listed.rows][2::2] == ["Anthropic", "Anthropic 2"]
    assert listed.run()[-1] == "Nothing to change."


def test_a_broken_list_is_named_without_its_keys(galaxy: Galaxy, tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text(f'llms:\n  - name: "a"\n    api_key: "{KEY}" more\n')
    said = refused(galaxy, "import_models", str(file))
    assert f"{file} cannot be read: " in said
    assert "found '<scalar>' in line 3." in said
    assert KEY not in said
    assert "No tenant is called Nowhere." in refused(galaxy, "import_models", "--tenant", "Nowhere")


def test_without_a_file_it_is_the_operators_own_list(galaxy: Galaxy, alice: User) -> None:
    said = galaxy.manage("import_models", "--tenant", alice.tenant.name, "--write")
    assert "+   model Stand-in large: model stand-in-large, position 1" in said
    assert "The list still comes first. Remove its models" in said
    ModelProvider.objects.filter(tenant=alice.tenant).delete()
