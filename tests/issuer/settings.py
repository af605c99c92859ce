"""The settings of an installation whose people may sign in by this issuer, and by the GitHub beside it."""

from tests.issuer.openid import CLIENT_ID, CLIENT_SECRET


def provider_settings(port: int) -> dict[str, str]:
    """Settings by name."""
    url = f"http://127.0.0.1:{port}"
    return {
        "OIDC_NAME": "Stand-in ID",
        "OIDC_ISSUER": url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "GITHUB_URL": url,
        "GITHUB_CLIENT_ID": CLIENT_ID,
        "GITHUB_CLIENT_SECRET": CLIENT_SECRET,
    }
