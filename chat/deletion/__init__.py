"""Deleting: one conversation, or everything that chat keeps of a person."""
