"""The built-in tools. Importing a module of `tools.builtin` registers what it has."""

from importlib import import_module

for _name in ("arithmetic", "clock", "databases", "many", "python", "results", "users", "web"):
    import_module(f"tools.builtin.{_name}")
