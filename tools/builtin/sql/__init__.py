"""Configured databases: whose they are, who may query them, and the queries (docs/tools-builtin.md)."""
