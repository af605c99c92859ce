"""Tools: what models and people can call, by whom, and the calling of it."""
