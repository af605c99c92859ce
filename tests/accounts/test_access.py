"""Rights: owners may, grants allow, denials outweigh both, and nothing crosses a tenant. Every door gives the same answer."""

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.access import OWN, READ, USE, WRITE, Decision, Thing, may
from accounts.models import Grant, Group, User
from chat.models import Conversation
from tests.client import Client

TOOL = "device"  # one that is not open at first


def thing(owner: User | None, tenant_of: User, kind: str = "conversation") -> Thing:
    return Thing(kind, str(uuid.uuid4()), tenant_of.tenant_id, owner.pk if owner else None)


def grant(tenant_of: User, action: str, what: Thing, **fields: Any) -> Grant:
    return Grant.objects.create(tenant=tenant_of.tenant, action=action, kind=what.kind, **({"target": what.id} | fields))


def test_an_owner_may_and_the_rule_says_why(alice: User, bob: User, charlie: User) -> None:
    own = thing(alice, alice)
    assert may(alice, OWN, own) == Decision(allowed=True, rule="it is their own")
    assert may(bob, READ, own) == Decision(allowed=False, rule="nothing grants it")
    assert may(charlie, READ, own) == Decision(allowed=False, rule="it belongs to another tenant")


@pytest.mark.parametrize(
    ("granted", "allowed"), [(READ, {READ}), (WRITE, {READ, WRITE}), (USE, {USE})], ids=["read", "write", "use"]
)
def test_a_grant_allows_what_it_says_and_what_that_needs(alice: User, bob: User, granted: str, allowed: set[str]) -> None:
    own = thing(alice, alice)
    given = grant(alice, granted, own, person=bob)
    assert {action for action in (READ, WRITE, OWN, USE) if may(bob, action, own)} == allowed
    assert may(bob, granted, own).rule == str(given)


def test_a_grant_to_a_group_or_to_everybody_reaches_its_people_alone(alice: User, bob: User, charlie: User) -> None:
    one, other = thing(None, alice), thing(None, alice)
    group = Group.objects.create(tenant=alice.tenant, name="Adults")
    grant(alice, USE, one, group=group)
    grant(alice, USE, other)
    assert not may(bob, USE, one)
    group.people.add(bob)
    assert may(bob, USE, one)
    assert not may(alice, USE, one)
    assert may(alice, USE, other)
    assert not may(charlie, USE, other)


def test_a_denial_outweighs_what_groups_and_ownership_allow(alice: User, bob: User) -> None:
    own = thing(alice, alice)
    grant(alice, WRITE, own, target="*")
    denial = grant(alice, WRITE, own, person=bob, effect="deny")
    assert may(bob, READ, own)
    assert may(bob, WRITE, own) == Decision(allowed=False, rule=str(denial), grant=denial.pk)
    grant(alice, READ, own, person=alice, effect="deny")
    assert not may(alice, READ, own)
    assert not may(alice, OWN, own)


def test_a_suspended_person_may_nothing(alice: User) -> None:
    alice.is_active = False
    assert may(alice, READ, thing(alice, alice)) == Decision(allowed=False, rule="the person is suspended")
    assert not Conversation.objects.visible_to(alice).exists()


def test_a_grant_that_is_over_allows_nothing(alice: User, bob: User) -> None:
    own = thing(alice, alice)
    grant(alice, READ, own, person=bob, expires_at="2026-01-01T00:00Z")
    assert not may(bob, READ, own)


DIMMER = {"properties": {"brightness": {"maximum": 80}}}


def test_limits_hold_the_arguments(alice: User) -> None:
    lamp = thing(None, alice, TOOL)
    grant(alice, USE, lamp, limits=DIMMER)
    assert may(alice, USE, lamp)
    assert may(alice, USE, lamp, {"brightness": 80})
    refused = may(alice, USE, lamp, {"brightness": 81})
    assert not refused
    assert "brightness: 81 is greater than the maximum of 80" in refused.rule


def test_a_denial_with_limits_forbids_only_what_fits_them(alice: User) -> None:
    table = thing(None, alice, TOOL)
    grant(alice, USE, table)
    grant(alice, USE, table, effect="deny", limits={"properties": {"schema": {"const": "salaries"}}, "required": ["schema"]})
    assert may(alice, USE, table, {"schema": "sales"})
    assert may(alice, USE, table, {})
    assert not may(alice, USE, table, {"schema": "salaries"})


def test_lists_and_single_things_agree(alice: User, bob: User, charlie: User) -> None:
    made = [Conversation.objects.create(tenant=alice.tenant, owner=alice) for _ in range(4)]
    things = [Thing("conversation", str(row.pk), row.tenant_id, row.owner_id) for row in made]
    grant(alice, READ, things[0], person=bob)
    grant(alice, WRITE, things[1], person=bob)
    grant(alice, WRITE, things[1], person=bob, effect="deny")
    grant(alice, READ, things[2], person=charlie)
    grant(alice, READ, things[3], person=alice, effect="deny")
    for person in (alice, bob, charlie):
        for action in (READ, WRITE, OWN):
            listed = set(Conversation.objects.visible_to(person, action).values_list("pk", flat=True))
            assert listed == {row.pk for row, one in zip(made, things, strict=True) if may(person, action, one)}


async def test_a_reader_of_a_shared_chat_reads_and_changes_nothing(
    alice_client: Client, alice: User, bob: User, bob_client: Client, charlie_client: Client
) -> None:
    async with alice_client.socket() as socket:
        accepted = await socket.ask("[[tokens=5]]")
        await socket.until_end(accepted["run_id"])
    shared = f"/api/conversations/{accepted['conversation_id']}"
    what = Thing("conversation", accepted["conversation_id"], alice.tenant_id)
    async with bob_client.rest() as rest:
        assert (await rest.get(shared)).status_code == 404
        await sync_to_async(grant)(alice, READ, what, person=bob)
        assert [row["id"] for row in (await rest.get("/api/conversations")).json()["results"]] == [accepted["conversation_id"]]
        assert len((await rest.get(f"{shared}/messages")).json()["results"]) == 2
        assert (await rest.get(f"/api/runs/{accepted['run_id']}/events")).status_code == 200
        refused = [
            await rest.patch(shared, json={"title": "mine"}),
            await rest.delete(shared),
            await rest.post("/api/runs", json={"text": "hello", "conversation_id": accepted["conversation_id"]}),
            await rest.post(f"/api/runs/{accepted['run_id']}/stop"),
        ]
    assert [answer.status_code for answer in refused] == [403] * 4, [answer.text for answer in refused]
    async with charlie_client.rest() as rest:
        assert (await rest.get(shared)).status_code == 404


async def test_a_model_that_is_denied_is_not_offered_and_not_asked(alice_client: Client, alice: User) -> None:
    async with alice_client.rest() as rest:
        names = [model["name"] for model in (await rest.get("/api/models")).json()]
        await sync_to_async(grant)(alice, USE, Thing("model", names[0], alice.tenant_id), effect="deny")
        assert [model["name"] for model in (await rest.get("/api/models")).json()] == names[1:]
        refused = await rest.post("/api/runs", json={"text": "hello", "model": names[0]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
        assert (await rest.post("/api/runs", json={"text": "hello"})).json()["model"] == names[1]
        await sync_to_async(grant)(alice, USE, Thing("model", "*", alice.tenant_id), effect="deny")
        nothing = await rest.post("/api/runs", json={"text": "hello"})
        assert nothing.status_code == 403
        assert "may not use any model" in nothing.json()["error"]["message"]
