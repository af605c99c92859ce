"""What a token may be limited to. A session has no scopes: it may all that its person may."""

SCOPES = {
    "profile:read": "See who you are",
    "chat:read": "Read your conversations",
    "chat:write": "Ask in your name, and change and delete your conversations",
    "tools:list": "See which tools you have",
    "tools:call": "Call tools in your name",
}


def unknown(scopes: list[str]) -> list[str]:
    """Those that are no scopes."""
    return [scope for scope in scopes if scope not in SCOPES]
