"""Scopes of tokens. A session has none: it carries all of its person's rights."""

SCOPES = {
    "profile:read": "See who you are",
    "chat:read": "Read your chats",
    "chat:write": "Ask in your name, and change and delete your chats",
    "tools:list": "See which tools you have",
    "tools:call": "Call tools in your name",
}


def unknown(scopes: list[str]) -> list[str]:
    """List the unknown names."""
    return [scope for scope in scopes if scope not in SCOPES]
