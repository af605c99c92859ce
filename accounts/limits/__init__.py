"""Budgets and rates: what is asked for is reserved before, what it took is settled after, true across all processes.

Redis counts, PostgreSQL knows: the ledger (`Usage`) is written with the end of each run or call, and a count that Redis lost is
made again from it.
"""

from accounts.limits.budgets import Asked, Count, Left, OverBudget, Use, counts_for
from accounts.limits.holding import Spent, left, release, reserve, settle
from accounts.limits.ledger import enter
from accounts.limits.running import register

__all__ = [
    "Asked", "Count", "Left", "OverBudget", "Spent", "Use", "counts_for", "enter", "left", "register", "release", "reserve",
    "settle",
]  # fmt: skip
