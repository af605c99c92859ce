"""Tables of accounts: people, groups, their rights and credentials."""

from accounts.models.audit import AuditEntry, AuditHead
from accounts.models.budgets import Budget, Usage
from accounts.models.connected import ConnectedApp
from accounts.models.grants import Grant
from accounts.models.groups import Group, Membership
from accounts.models.invitations import Invitation
from accounts.models.links import SignInLink
from accounts.models.people import Tenant, User
from accounts.models.secrets import Secret
from accounts.models.sessions import Session
from accounts.models.shared_keys import SharedKey
from accounts.models.tokens import AccessToken
from accounts.models.visits import Visit

__all__ = [
    "AccessToken",
    "AuditEntry",
    "AuditHead",
    "Budget",
    "ConnectedApp",
    "Grant",
    "Group",
    "Invitation",
    "Membership",
    "Secret",
    "Session",
    "SharedKey",
    "SignInLink",
    "Tenant",
    "Usage",
    "User",
    "Visit",
]
