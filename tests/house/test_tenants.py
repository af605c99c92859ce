"""Every row belongs to a tenant, and every query says whose rows it means, or stands here with the reason why it need not."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from accounts.models import Tenant
from tests.house.tenants import Query, queries
from tests.stack import ROOT

APPS = ("accounts", "chat")
OWN = [model for app in APPS for model in apps.get_app_config(app).get_models()]
# The way from a row to its tenant, where it is not `tenant`.
PATHS = {
    "accounts.Membership": "person__tenant",
    "accounts.AccessToken": "person__tenant",
    "accounts.ConnectedApp": "person__tenant",
    "accounts.SignInLink": "person__tenant",
    "accounts.Visit": "person__tenant",
    "chat.Message": "conversation__tenant",
    "chat.Run": "conversation__tenant",
    "chat.RunEvent": "run__conversation__tenant",
}
OTHERWISE = {
    "accounts.AuditEntry": "it names its tenant as text, and outlives it",
    "accounts.Tenant": "it is one",
    "accounts.Session": "it names its person by id, so that it can be found; before they sign in it is no one's",
    "accounts.SharedKey": "the keys of the whole installation",
    "accounts.AuditHead": "the chain's end: one chain holds the entries of all, so that none can be taken out of it",
}
# Queries that name neither tenant nor person, by the reason why that is right.
ALLOWED = {
    "nobody is known yet: this finds out who it is": """
        accounts/oauth/bearer.py:_current accounts/oauth/families.py:of_token accounts/tokens.py:valid
        accounts/oauth/validator.py:Validator.invalidate_authorization_code
        accounts/people.py:find_or_make accounts/people.py:active accounts/people.py:known_by_proxy accounts/people.py:_make
        accounts/people.py:owner
        accounts/signals.py:_not_signed_in accounts/people.py:first_tenant accounts/invitations.py:of_token
        accounts/invitations.py:check accounts/invitations.py:open_for accounts/providers/arrivals.py:_linked
        accounts/providers/arrivals.py:_newcomer accounts/visits.py:current accounts/visits.py:has_ended
        accounts/visits.py:ending_of accounts/visits.py:note_seen
        platform/galaxy/management/commands/forget_second_factor.py:Command.handle
        platform/galaxy/management/commands/invite.py:Command._tenant
        platform/galaxy/management/commands/removal.py:Command._person
        platform/galaxy/management/commands/sign_in_link.py:Command._person""",
    "upkeep of the whole installation": """
        accounts/sealing/checks.py:_used accounts/sealing/rotation.py:prune accounts/sealing/rotation.py:examine
        accounts/sealing/rotation.py:forget_lost accounts/sealing/rotation.py:_begin accounts/sealing/rotation.py:_ids
        accounts/sealing/rotation.py:_move accounts/vault.py:sealing_ring accounts/tasks.py:forget_expired
        accounts/removal/removing.py:is_last_operator accounts/removal/removing.py:_shut_out
        accounts/tasks.py:forget_apps chat/tasks.py:forget_request_keys
        platform/galaxy/management/commands/audit.py:Command._export""",
    "of somebody who leaves, by their own key or address": """
        accounts/removal/removing.py:_delete accounts/removal/removing.py:left_of accounts/removal/traces.py:remove
        chat/deletion/personal_data.py:_export chat/deletion/personal_data.py:_remove""",
    "by the key of a row whose right was asked just before": """
        accounts/invitations.py:accept accounts/invitations.py:revoke accounts/visits.py:has_moved
        accounts/providers/groups.py:sync
        accounts/oauth/bearer.py:valid accounts/vault.py:_note_use accounts/connected.py:revoke
        chat/runs/end_run.py:store chat/runs/end_run.py:_set_state chat/runs/end_run.py:_counts_of
        chat/runs/end_run.py:final_line chat/runs/give_up.py:_give_up chat/log/rows.py:lines_after chat/log/rows.py:finish
        chat/log/rows.py:is_stored chat/log/rows.py:last_line chat/delivery/hub.py:_is_active
        chat/deletion/delete.py:_active chat/deletion/delete.py:_delete chat/runs/runner.py:_load
        chat/runs/asking.py:_ask_to_stop
        chat/runs/create_run.py:_run chat/runs/create_run.py:proceed chat/runs/create_run.py:_conversation
        chat/pages/sidebar.py:rows_of""",
    "handed to `access.found`, which asks": """
        chat/access.py:run_of chat/access.py:conversation_of chat/access.py:run_of_answer
        chat/runs/asking.py:_planned chat/runs/asking.py:_planned_rest""",
    "the owner of the installation reaches all tenants there": """
        accounts/admin/people.py:PersonAdmin.get_queryset accounts/admin/tenants.py:TenantAdmin.get_queryset""",
    "by the conversation, whose tenant is said": "chat/admin.py:_messages platform/galaxy/dashboard.py:_runs",
    "asks `may` of the run's own person": "chat/access.py:is_revoked",
    "new rows, which carry it": """
        accounts/limits/ledger.py:enter chat/log/rows.py:begin""",
    "of the whole installation": "platform/galaxy/shared_keys.py:accept platform/galaxy/shared_keys.py:differing",
    "of somebody who is suspended there is nothing": "accounts/audit/api.py:visible_to",
}  # fmt: skip


def unanchored() -> dict[str, Query]:
    names = frozenset(model.__name__ for model in OWN)
    files = [
        path for app in (*APPS, "platform/galaxy") for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
    ]
    found = [query for path in files for query in queries(path, ROOT, names)]
    assert len(found) > 50  # the sources were read
    return {query.place: query for query in found if not query.is_anchored}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_every_row_belongs_to_a_tenant(model: type[Model]) -> None:
    if model._meta.label in OTHERWISE:
        return
    at: type[Model] = model
    for name in PATHS.get(model._meta.label, "tenant").split("__"):
        try:
            field = at._meta.get_field(name)
        except FieldDoesNotExist:
            pytest.fail(f"{model._meta.label} has no tenant. Give it one, or say in PATHS how to come to it.")
        assert not field.null, f"{model._meta.label}.{name} may be empty"
        assert field.related_model
        at = field.related_model
    assert at is Tenant


def test_every_query_says_whose_rows_it_means() -> None:
    allowed = {place for places in ALLOWED.values() for place in places.split()}
    assert sorted(set(unanchored()) - allowed) == [], (
        "say `visible_to`, a tenant, a person; or stand in ALLOWED, with the reason"
    )
    assert sorted(allowed - set(unanchored())) == [], "these say it by now"
