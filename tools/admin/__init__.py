"""Operators' pages of tools: what each is set to, which calls were made, the use of each with advice, and databases."""

from tools.admin import calls, settings, use_page
from tools.builtin.sql import admin as databases

__all__ = ["calls", "databases", "settings", "use_page"]
