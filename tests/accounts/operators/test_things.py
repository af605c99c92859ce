"""Names of the things that grants are about, as operators read them."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, User
from accounts.operators import grant_targets
from chat.models import Conversation


def test_things_are_called_by_one_query_a_kind_and_another_tenants_not_at_all(alice: User, bob: User, charlie: User) -> None:
    talks = [Conversation.objects.create(tenant=each.tenant, owner=each, title="Secret") for each in (alice, bob, charlie)]
    targets = [*(str(talk.pk) for talk in talks), "no id"]
    grants = [Grant(tenant=alice.tenant, action="read", kind="conversation", target=target) for target in targets]
    grants += [Grant(tenant=alice.tenant, action="use", kind="model", target="Stand-in")]
    with CaptureQueriesContext(connection) as asked:
        grant_targets.call(alice.tenant_id, grants)
        said = [str(grant) for grant in grants]
    assert len(asked) == 1
    for owner, sentence in zip((alice, bob), said, strict=False):
        assert sentence.startswith(f"Everyone may read conversation of {owner.email}, ")
    assert said[2:] == [
        f"Everyone may read conversation {talks[2].pk}",
        "Everyone may read conversation no id",
        "Everyone may use model Stand-in",
    ]
    assert "Secret" not in "".join(said)


def test_a_conversation_is_called_by_its_beginning_whatever_is_said_in_it_later(alice: User) -> None:
    talk = Conversation.objects.create(tenant=alice.tenant, owner=alice)
    grant = Grant(tenant=alice.tenant, action="read", kind="conversation", target=str(talk.pk))

    def called() -> list[str]:
        grant_targets.call(alice.tenant_id, [grant])
        return [str(grant), *(one.label for one in grant_targets.of(alice.tenant_id)["conversation"])]

    before = called()
    Conversation.objects.filter(pk=talk.pk).update(updated_at=talk.created_at + timedelta(days=2))
    assert called() == before
