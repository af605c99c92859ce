"""Prompts of models: the context of an answer (`context`), and short requests beside the answers (`asides`)."""
