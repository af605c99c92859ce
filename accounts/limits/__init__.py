"""Budgets: an amount is reserved before a call and settled after it, exactly, across all processes.

Redis counts and PostgreSQL is the truth: the ledger (`Usage`) is written with the end of each run or call, and a count that
Redis lost is rebuilt from it.
"""

from accounts.limits.budgets import Asked, Count, Left, OverBudget, Use, budgets_of, counts_among, counts_for
from accounts.limits.ledger import enter
from accounts.limits.reservations import Spent, left, release, renew, reserve, settle
from accounts.limits.running import register

__all__ = [
    "Asked", "Count", "Left", "OverBudget", "Spent", "Use", "budgets_of", "counts_among", "counts_for", "enter", "left",
    "register", "release", "renew", "reserve", "settle",
]  # fmt: skip
