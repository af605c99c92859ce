"""Wires: the ways to call a provider, each a `Provider` (see `chat.providers.base`)."""
