"""Exporting a person's data, and deleting the person with proof of it (docs/sign-in.md).

A person's data is spread over apps that are unknown here: each registers its part (`holdings`).
"""

from accounts.people.removal.archive import archive
from accounts.people.removal.holdings import File, Holding, register
from accounts.people.removal.receipt import Receipt
from accounts.people.removal.removing import LastOperator, LeftAlready, is_last_operator, remove

__all__ = ["File", "Holding", "LastOperator", "LeftAlready", "Receipt", "archive", "is_last_operator", "register", "remove"]
