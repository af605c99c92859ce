"""Requests to models: the context of an answer (`context`), and the short ones beside the answers (`asides`)."""
