"""What grants are about, as operators read it."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, User
from accounts.operators import things
from chat.models import Conversation


def test_things_are_called_by_one_query_a_kind_and_another_tenants_not_at_all(alice: User, bob: User, charlie: User) -> None:
    talks = [Conversation.objects.create(tenant=each.tenant, owner=each, title="Secret") for each in (alice, bob, charlie)]
    targets = [*(str(talk.pk) for talk in talks), "no id"]
    grants = [Grant(tenant=alice.tenant, action="read", kind="conversation", target=target) for target in targets]
    grants += [Grant(tenant=alice.tenant, action="use", kind="model", target="Stand-in")]
    with CaptureQueriesContext(connection) as asked:
        things.call(alice.tenant_id, grants)
        said = [str(grant) for grant in grants]
    assert len(asked) == 1
    for owner, sentence in zip((alice, bob), said, strict=False):
        assert sentence.startswith(f"Everybody may read conversation of {owner.email}, ")
    assert said[2:] == [
        f"Everybody may read conversation {talks[2].pk}",
        "Everybody may read conversation no id",
        "Everybody may use model Stand-in",
    ]
    assert "Secret" not in "".join(said)
