"""The look of the operators' pages: the portal's name, colours and type, and the entries of the sidebar (django-unfold)."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy


def look(app_name: str) -> dict[str, Any]:
    """Build the setting `UNFOLD`."""
    return {
        "SITE_TITLE": app_name,
        "SITE_HEADER": app_name,
        "SITE_SUBHEADER": "Operators",
        "SITE_SYMBOL": "shield_person",
        "SITE_URL": "/",
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("icon.svg")}],
        "STYLES": [lambda _: static("css/tokens.css")],
        "SHOW_HISTORY": True,
        "SHOW_VIEW_ON_SITE": False,
        "BORDER_RADIUS": "9px",
        "COLORS": {"base": BASE, "primary": VERDIGRIS, "font": FONT},
        "DASHBOARD_CALLBACK": "galaxy.operator_pages.dashboard.figures",
        "ACCOUNT": {"navigation": [{"title": "Your settings", "link": reverse_lazy("accounts:settings")}]},
        "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
    }


# The ink of static/css/tokens.css as one scale: the light theme uses its top, the dark one its bottom.
BASE = {
    "50": "oklch(97.4% 0.003 75)",
    "100": "oklch(95% 0.004 75)",
    "200": "oklch(90.5% 0.004 80)",
    "300": "oklch(82% 0.006 90)",
    "400": "oklch(68% 0.008 250)",
    "500": "oklch(51.5% 0.011 255)",
    "600": "oklch(43% 0.012 255)",
    "700": "oklch(34% 0.011 262)",
    "800": "oklch(24.4% 0.009 268)",
    "900": "oklch(18.2% 0.007 268)",
    "950": "oklch(15.6% 0.006 268)",
}
VERDIGRIS = {
    "50": "oklch(97.5% 0.012 186)",
    "100": "oklch(94.5% 0.026 186)",
    "200": "oklch(90% 0.046 185)",
    "300": "oklch(86% 0.066 184)",
    "400": "oklch(82% 0.078 184)",
    "500": "oklch(79% 0.082 184)",
    "600": "oklch(47.5% 0.078 190)",
    "700": "oklch(41% 0.07 190)",
    "800": "oklch(35% 0.06 190)",
    "900": "oklch(29% 0.05 190)",
    "950": "oklch(22% 0.038 190)",
}
FONT = {
    "subtle-light": "var(--color-base-500)",
    "subtle-dark": "var(--color-base-400)",
    "default-light": "var(--color-base-600)",
    "default-dark": "oklch(80% 0.007 90)",
    "important-light": "oklch(25% 0.012 255)",
    "important-dark": "oklch(93.5% 0.006 90)",
}


def _group(title: str, *items: tuple[str, str, str]) -> dict[str, Any]:
    links = [{"title": name, "icon": icon, "link": reverse_lazy(f"admin:{page}")} for name, icon, page in items]
    return {"title": title, "separator": True, "items": links}


# Every other address starts with this one, so it would always look like the current page.
PORTAL = {"title": "Back to the portal", "icon": "arrow_back", "link": "/", "active": lambda _: False}
OVERVIEW = _group("", ("Overview", "monitoring", "index"))

NAVIGATION = [
    {"title": "", "items": [PORTAL, *OVERVIEW["items"]]},
    _group(
        "People",
        ("People", "person", "accounts_user_changelist"),
        ("Invitations", "mail", "accounts_invitation_changelist"),
        ("Groups", "group", "accounts_group_changelist"),
        ("Grants", "key", "accounts_grant_changelist"),
        ("Tenants", "domain", "accounts_tenant_changelist"),
    ),
    _group(
        "Limits",
        ("Budgets", "savings", "accounts_budget_changelist"),
        ("Usage", "receipt_long", "accounts_usage_changelist"),
    ),
    _group(
        "Trust",
        ("Audit entries", "history", "accounts_auditentry_changelist"),
        ("Effective access", "rule", "effective_access"),
        ("Secrets", "lock", "accounts_secret_changelist"),
        ("Apps", "apps", "oauth2_provider_application_changelist"),
        ("Connections", "cable", "accounts_connectedapp_changelist"),
        ("Access tokens", "token", "accounts_accesstoken_changelist"),
    ),
    _group(
        "Chats",
        ("Conversations", "forum", "chat_conversation_changelist"),
        ("Runs", "play_circle", "chat_run_changelist"),
    ),
    _group(
        "Models",
        ("Providers", "hub", "chat_modelprovider_changelist"),
        ("Model calls", "sms", "chat_modelcall_changelist"),
        ("Use of models", "bar_chart", "model_use"),
    ),
    _group(
        "Tools",
        ("Tool settings", "build", "tools_toolsetting_changelist"),
        ("Tool calls", "bolt", "tools_toolcall_changelist"),
        ("Use of tools", "insights", "tool_use"),
        ("Databases", "database", "tools_sqldatabase_changelist"),
    ),
]
