"""Every row belongs to a tenant, and every query says whose rows it means, or stands here with the reason why it need not."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from accounts.models import Tenant
from tests.house.tenants import Query, queries
from tests.stack import ROOT

APPS = ("accounts", "chat", "tools")
OWN = [model for app in APPS for model in apps.get_app_config(app).get_models()]
# The way from a row to its tenant, where it is not `tenant`.
PATHS = {
    "accounts.Membership": "person__tenant",
    "accounts.AccessToken": "person__tenant",
    "accounts.ConnectedApp": "person__tenant",
    "accounts.SignInLink": "person__tenant",
    "accounts.Visit": "person__tenant",
    "chat.AliasMember": "alias__tenant",
    "chat.GivenRequest": "run__conversation__tenant",
    "chat.Message": "conversation__tenant",
    "chat.ProviderModel": "provider__tenant",
    "chat.Run": "conversation__tenant",
    "chat.RunEvent": "run__conversation__tenant",
    "chat.RunStep": "run__conversation__tenant",
    "chat.RunWait": "run__conversation__tenant",
    "tools.StandingApproval": "person__tenant",
    "tools.ArtifactVersion": "artifact__tenant",
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
        accounts/oauth/bearer.py:_current accounts/oauth/token_families.py:of_token accounts/identity/tokens.py:valid
        accounts/oauth/validator.py:Validator.invalidate_authorization_code accounts/people/directory.py:find_or_make
        accounts/people/directory.py:active accounts/people/directory.py:known_by_proxy accounts/people/directory.py:_make
        accounts/people/directory.py:owner accounts/sign_in/signals.py:_not_signed_in
        accounts/people/directory.py:first_tenant accounts/people/invitations.py:of_token accounts/people/invitations.py:check
        accounts/people/invitations.py:open_for accounts/sign_in/providers/arrivals.py:_linked
        accounts/sign_in/providers/arrivals.py:_newcomer accounts/identity/login_sessions.py:current
        accounts/identity/login_sessions.py:has_ended accounts/identity/login_sessions.py:ending_of
        accounts/identity/login_sessions.py:note_seen
        platform/galaxy/management/commands/forget_second_factor.py:Command.handle
        platform/galaxy/management/tenants.py:tenant_called
        platform/galaxy/management/commands/removal.py:Command._person
        platform/galaxy/management/commands/sign_in_link.py:Command._person""",
    "read for all tenants at once, and handed out by tenant": """
        chat/catalogue/set_up.py:SetUpModels._read chat/catalogue/aliases.py:read""",
    "upkeep of the whole installation": """
        accounts/vault/rotation.py:examine accounts/vault/sealed_rows.py:sealed_with
        accounts/vault/sealed_rows.py:not_sealed_with accounts/vault/sealed_rows.py:keys_in_use
        accounts/vault/sealed_rows.py:_only accounts/vault/rotation.py:_move accounts/vault/store.py:sealing_ring
        accounts/doors/tasks.py:forget_expired accounts/people/removal/removing.py:is_last_operator
        accounts/people/removal/removing.py:_shut_out accounts/doors/tasks.py:forget_apps chat/tasks.py:forget_request_keys
        chat/runs/tool_calls/waits.py:_go_on chat/runs/tool_calls/waits.py:_requeued
        chat/runs/tool_calls/waits.py:expire chat/deletion/marking.py:delete_overdue
        tools/execution/claims.py:overdue tools/execution/claims.py:queued tools/execution/claims.py:hinted
        tools/execution/claims.py:unwanted
        chat/deletion/marking.py:delete_left_over chat/models/conversations.py:ConversationQuerySet.left_over
        platform/galaxy/management/commands/audit.py:Command._export""",
    "of somebody who leaves, by their own key or address": """
        accounts/people/removal/removing.py:_delete accounts/people/removal/removing.py:left_of
        accounts/people/removal/traces.py:remove
        chat/deletion/personal_data.py:_export chat/deletion/personal_data.py:_remove""",
    "by the key of a row whose right was asked just before": """
        accounts/people/invitations.py:accept accounts/people/invitations.py:revoke
        accounts/identity/login_sessions.py:has_moved accounts/sign_in/providers/groups.py:sync accounts/oauth/bearer.py:valid
        accounts/vault/store.py:_note_use accounts/oauth/connected_apps.py:revoke chat/runs/end_run.py:store
        chat/runs/usage.py:_answers
        chat/runs/end_run.py:final_line
        chat/runs/give_up.py:_give_up chat/log/rows.py:lines_after chat/log/rows.py:finish chat/log/rows.py:is_stored
        chat/log/rows.py:last_line chat/delivery/hub.py:_is_active
        chat/deletion/delete.py:_delete chat/deletion/delete.py:erase chat/deletion/marking.py:_mark
        chat/runs/asking.py:_ask_to_end chat/runs/asking.py:_asked_to_stop chat/runs/take_up.py:_given_with
        chat/runs/create_run.py:_run chat/runs/create_run.py:proceed chat/runs/create_run.py:_conversation
        chat/pages/sidebar.py:rows_of chat/deletion/marking.py:_restore chat/runs/tool_calls/waits.py:_stop_if_asked
        accounts/sign_in/providers/groups.py:_hint
        chat/deletion/delete.py:open_of chat/runs/states.py:finish chat/runs/states.py:is_held
        chat/runs/steps.py:add chat/runs/steps.py:append chat/runs/steps.py:of_run
        chat/runs/take_up.py:_load chat/runs/usage.py:_counts_of chat/runs/tool_calls/waits.py:_store
        chat/runs/tool_calls/waits.py:decisions chat/runs/create_run.py:_lock chat/runs/tool_calls/run_tools.py:_state_of
        tools/calling/artifacts.py:_artifact tools/calling/artifacts.py:_stored tools/calling/artifacts.py:forget
        tools/calling/artifacts.py:of_conversation
        tools/calling/rows.py:dispatch tools/calling/rows.py:end tools/calling/rows.py:give_up tools/calling/rows.py:of_calls
        tools/calling/rows.py:cancel
        tools/execution/claims.py:adopt tools/execution/claims.py:long_among tools/execution/claims.py:ask_to_cancel
        tools/execution/claims.py:queue tools/execution/claims.py:unqueue tools/execution/waiting.py:ended
        tools/calls.py:forget tools/doors/files.py:_found""",
    "handed to the door, which asks about its conversation": "tools/components.py:press_of",
    "handed to `access.found`, which asks": """
        chat/access/__init__.py:run_of chat/access/__init__.py:conversation_of chat/access/__init__.py:run_of_answer
        chat/runs/asking.py:_planned
        chat/runs/asking.py:_planned_rest chat/runs/tool_calls/waits.py:_decide""",
    "the owner of the installation reaches all tenants there": """
        accounts/admin/people.py:PersonAdmin.get_queryset accounts/admin/tenants.py:TenantAdmin.get_queryset""",
    "by the conversation, whose tenant is said": """
        chat/admin/history.py:_messages platform/galaxy/operator_pages/dashboard.py:_runs""",
    "by the run whose answer the runner has made": """
        chat/prompts/asides/asking.py:_keep chat/prompts/asides/follow_ups.py:_keep chat/prompts/asides/follow_ups.py:_turn_of
        chat/prompts/asides/titles.py:_chat_of chat/prompts/asides/titles.py:_rename""",
    "by the conversation, whose right the page has asked": "chat/pages/follow_ups.py:follow_ups",
    "a worker's own calls, whose rights it asks then": """
        tools/execution/claims.py:claim tools/execution/claims.py:end tools/execution/claims.py:release""",
    "asks `may` of the run's own person": "chat/access/__init__.py:is_revoked",
    "new rows, which carry it": """
        chat/runs/create_run.py:begin_given
        accounts/limits/ledger.py:enter chat/log/rows.py:begin chat/runs/usage.py:keep tools/calling/rows.py:add_all""",
    "of the whole installation": """
        platform/galaxy/management/commands/switch_provider.py:_overview
        platform/galaxy/configuration/shared_keys.py:accept platform/galaxy/configuration/shared_keys.py:differing""",
    "of somebody who is suspended there is nothing": "accounts/doors/audit_api.py:visible_to",
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
    missing = " ".join(sorted(set(unanchored()) - allowed))
    assert not missing, f"say `visible_to`, a tenant, a person; or stand in ALLOWED, with the reason: {missing}"
    assert sorted(allowed - set(unanchored())) == [], "these say it by now"
