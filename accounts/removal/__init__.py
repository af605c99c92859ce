"""Taking one's things along, and leaving for good with a proof of it (docs/sign-in.md).

What a person has is spread over apps that nothing here knows: each registers its part (`holdings`).
"""

from accounts.removal.archive import archive
from accounts.removal.holdings import Holding, register
from accounts.removal.receipt import Receipt
from accounts.removal.removing import LastOperator, LeftAlready, is_last_operator, remove

__all__ = ["Holding", "LastOperator", "LeftAlready", "Receipt", "archive", "is_last_operator", "register", "remove"]
