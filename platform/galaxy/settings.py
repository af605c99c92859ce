"""Django's settings, derived from the environment. All processes and tests use this one file."""

import urllib.parse
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from accounts.egress import allow_list
from galaxy.configuration import environment, local_secrets, oauth, service_addresses
from galaxy.configuration.environment import ROOT as BASE_DIR
from galaxy.configuration.paths import Places
from galaxy.middleware.body_limits import MOST_BYTES
from galaxy.operator_pages import look
from galaxy.services import mqtt
from galaxy.services.local_model import endpoint as local_endpoint

ENVIRONMENT = environment.read()
PLACES = Places(ENVIRONMENT.data_path())

APP_NAME = ENVIRONMENT.app_name
AUDIT_KEY = ENVIRONMENT.audit_key or local_secrets.read_or_make(PLACES.secrets, "audit_key")
AUDIT_ANCHORS = PLACES.audit / "anchors.jsonl"
SECRET_KEY = ENVIRONMENT.secret_key or local_secrets.read_or_make(PLACES.secrets, "secret_key")
DEBUG = False
TEST_MODE = ENVIRONMENT.test_mode
TEST_EMAIL = ENVIRONMENT.test_email
DISABLE_WEBSOCKET = ENVIRONMENT.disable_websocket

VAULT_KEYS = ENVIRONMENT.vault_keys
VAULT_KEY_FILE = PLACES.vault_keys
EGRESS_ALLOW = allow_list.parse(ENVIRONMENT.egress_allow)

PUBLIC_URL = ENVIRONMENT.address
_public = urllib.parse.urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", _public.hostname or "", *ENVIRONMENT.listed(ENVIRONMENT.allowed_hosts)]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
_secure = _public.scheme == "https"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "galaxy.operator_pages.config.OperatorPagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "accounts.oauth.app_names.AppsConfig",
    "galaxy",
    "accounts",
    "tools",
    "chat",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "galaxy.middleware.reject_nul.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.identity.csrf.OriginAndToken",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.identity.middleware.PersonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "galaxy.middleware.shielded_writes.FinishingMiddleware",
]
ROOT_URLCONF = "galaxy.urls"
ASGI_APPLICATION = "galaxy.asgi.application"
# Only the portal needs ninja; as an installed app, every process would load it (galaxy.api.docs).
NINJA = [Path(folder) for spec in [find_spec("ninja")] if spec for folder in spec.submodule_search_locations or ()]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", *(folder / "templates" for folder in NINJA)],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.doors.context_processors.portal",
            ]
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Build Django's form of a `postgres://` URL; without one, that of the embedded server's socket."""
    embedded = {"host": str(PLACES.postgres_socket), "dbname": "galaxy", "user": "galaxy"}
    given = service_addresses.database(url) if url else embedded
    password = given.pop("password", "") if url else local_secrets.read_or_make(PLACES.secrets, "database_password")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": given.pop("host", ""),
        "PORT": str(given.pop("port", 5432)),
        "NAME": given.pop("dbname", ""),
        "USER": given.pop("user", ""),
        "PASSWORD": password,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,  # done in accounts.storage.connections, for all connections of the pool at once
        "OPTIONS": {"connect_timeout": 5, "pool": {"min_size": 1, "max_size": 16, "timeout": 3, "reconnect_timeout": 3}}
        | given,
    }


def _redis_url(url: str) -> str:
    """Return the given URL, or that of the embedded server's socket."""
    if url:
        return url
    password = local_secrets.read_or_make(PLACES.secrets, "redis_password")
    return f"unix://:{password}@{PLACES.valkey_socket}"


def _broker_url(url: str) -> str:
    """Convert the URL to Celery's form, which has its own names for a Unix socket."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


DATABASES = {"default": _database(ENVIRONMENT.database_url)}
REDIS_URL = _redis_url(ENVIRONMENT.redis_url)
MQTT_URL = ENVIRONMENT.mqtt_url or mqtt.url(PLACES)
EMBEDDER_SOCKET = str(PLACES.embedder_socket)
LOCAL_MODEL = local_endpoint.read(PLACES.local_model)
# For what happens rarely (accounts.notices). A notice is a hint: published and gone, with nothing left in Redis.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2, "health_check_interval": 30}],
            "prefix": "notices:",
        },
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
PORTAL_FRAME = "chat.pages.layout.page"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "chat:new"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
PASSWORD_HASHERS = ["accounts.people.password_hashing.FrugalArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.people.password_rules.VisibleVariety"},
]
# Use of django-allauth (docs/sign-in.md). accounts.limits.attempts counts attempts, not allauth.
ACCOUNT_ADAPTER = "accounts.sign_in.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # there is no mail server
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_RATE_LIMITS = False
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
SOCIALACCOUNT_ADAPTER = "accounts.sign_in.providers.adapter.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {"github": {"GITHUB_URL": ENVIRONMENT.github_url}} if ENVIRONMENT.github_url else {}
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "accounts.sign_in.adapters.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
# A passkey always counts as two factors: the device, and the person who unlocks it. Touching it alone is one factor.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
OAUTH2_PROVIDER = oauth.provider(
    PUBLIC_URL, documents=ENVIRONMENT.oauth_client_documents, registration=ENVIRONMENT.oauth_dynamic_registration
)
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"  # the default, which migrations need to find here
ACCESS_POLICY = ENVIRONMENT.access_policy
# The class of the tools that a run has.
TOOLBOX = "chat.runs.tool_calls.run_tools.RunTools"
PARALLEL_ANSWERS = ENVIRONMENT.parallel_answers
OPEN_SOCKETS = ENVIRONMENT.open_sockets
FOLLOWED_ANSWERS = ENVIRONMENT.followed_answers
SESSION_COOKIE_NAME = "__Host-session" if _secure else "galaxy_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_ENGINE = "accounts.identity.session_store"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "galaxy_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.identity.csrf.refused"
DATA_UPLOAD_MAX_MEMORY_SIZE = MOST_BYTES["/"]  # `galaxy.middleware.body_limits` bounds bodies
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
UNFOLD = look.look(APP_NAME)

STATIC_URL = "/static/"
STATIC_ROOT = PLACES.static
STATICFILES_DIRS = [BASE_DIR / "static", *(folder / "static" for folder in NINJA)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "galaxy.serving.static_storage.HashedStaticFilesStorage"},
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = "galaxy.operator_pages.formats"

CELERY_BROKER_URL = _broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_BEAT_SCHEDULE_FILENAME = str(PLACES.celery / "schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ACKS_LATE = True  # a task whose worker is killed runs again: every task must tolerate that
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "galaxy.logs.redaction.RedactingFormatter",
            "fmt": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "galaxy.logs.output.NonBlockingHandler", "formatter": "line"}},
    # A traceback a second while Redis is away, which others say in a line.
    "loggers": {"channels_redis": {"level": "CRITICAL"}},
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
}
