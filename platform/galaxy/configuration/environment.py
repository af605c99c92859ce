"""All settings that Galaxy reads from the environment, typed, with defaults.

`.env` in the checkout adds what the environment omits. `.env.example` documents each name; a test compares them.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from msgspec import Meta

from accounts.egress import allow_list
from accounts.vault import keys as vault_keys
from galaxy.configuration import service_addresses

DEFAULT_PORTS = {"http": "80", "https": "443"}
ROOT = Path(__file__).resolve().parents[3]

# Types of values. The description tells the operator what to set a value to.
Switch = Annotated[bool, Meta(description="true or false")]
Port = Annotated[int, Meta(ge=1, le=65535, description="a number from 1 to 65535")]
Count = Annotated[int, Meta(ge=1, description="1 or more")]
Seconds = Annotated[float, Meta(gt=0, description="a number of seconds above 0")]
ModelChoice = Annotated[str, Meta(min_length=1, description="`own`, `none`, or the name of a model")]
Folder = Annotated[str, Meta(description="a folder that you own")]
Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="an email address")]
Names = Annotated[str, Meta(pattern=r"^[^/]*$", description="host names such as galaxy.example.org, separated by commas")]
Origin = Annotated[
    str,
    Meta(
        pattern=r"^(?i:https?)://([^\s/@?#:\[\]]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?/?$",
        description="scheme and host name only, such as https://galaxy.example.org",
    ),
]
Issuer = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s@?#]+$",
        description="the issuer's address exactly as the issuer writes it, such as https://id.example.org",
    ),
]
LocalModel = Annotated[Literal["auto", "on", "off"], Meta(description="auto, on or off")]
EmbeddingModel = Annotated[
    str,
    Meta(
        pattern=r"^[^/\s]+/\S+$",
        description="a provider and its embedding model, such as openai/text-embedding-3-small or ollama/bge-m3",
    ),
]
SignUp = Annotated[Literal["nobody", "invited", "providers"], Meta(description="nobody, invited or providers")]
HeaderName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]+$", description="a header's name: letters, digits, hyphens")]
Class = Annotated[str, Meta(pattern=r"^[\w.]+\.\w+$", description="a class by its path: some.module.MyPolicy")]
WebAddress = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/?#]+[^\s]*$",
        description="an address with http:// or https://, such as http://127.0.0.1:1234/v1",
    ),
]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="DEBUG, INFO, WARNING or ERROR")]
DatabaseURL = Annotated[
    str, Meta(description="postgres://user:password@host:5432/name, with %40 for @ and %2F for / in the password")
]
RedisURL = Annotated[str, Meta(description="redis://:password@host:6379/0, with %40 for @ and %2F for / in the password")]
MqttURL = Annotated[str, Meta(description="mqtt://user:password@host:1883, with %40 for @ and %2F for / in the password")]
AllowedPlaces = Annotated[
    str, Meta(description="names or networks, each with or without a port, such as nas.lan, 192.168.1.0/24 or [fd00::/8]:443")
]
VaultKeys = Annotated[str, Meta(description="keys as `manage.py vault key` prints them, separated by commas")]
SecretKey = Annotated[
    str, Meta(min_length=32, description="32 random characters or more, or leave it empty to have Galaxy generate one")
]
ADDRESSES: dict[Any, Callable[[str], object]] = {
    DatabaseURL: service_addresses.database,
    RedisURL: service_addresses.redis,
    MqttURL: service_addresses.mqtt,
}
FORMS = ADDRESSES | {AllowedPlaces: allow_list.parse, VaultKeys: vault_keys.parse}
SECRETS = (SecretKey, VaultKeys, *ADDRESSES)


class Environment(msgspec.Struct, frozen=True, rename="upper"):
    """The settings by name. An empty string means that a setting is not set. Lists are separated by commas."""

    app_name: str = "Galaxy Chat"
    system_prompt_override: str = ""

    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: Origin = ""
    allowed_hosts: Names = ""
    secret_key: SecretKey = ""
    audit_key: SecretKey = ""
    data_dir: Folder = "var"
    vault_keys: VaultKeys = ""
    egress_allow: AllowedPlaces = ""

    database_url: DatabaseURL = ""
    redis_url: RedisURL = ""
    mqtt_url: MqttURL = ""

    llm_base_url: WebAddress = ""
    llm_api_key: str = ""
    llm_model_name: str = ""
    llm_config_file: str = "platform/config/llms.yml"
    find_models: Switch = True
    local_model: LocalModel = "auto"
    local_model_file: str = ""
    local_model_context: Annotated[int, Meta(ge=512, description="a number of tokens, 512 or more")] = 4096
    embedding_model: EmbeddingModel = ""
    embedding_base_url: WebAddress = ""
    embedding_api_key: str = ""
    embedding_dimensions: Annotated[int, Meta(ge=0, description="a number, 0 for as many as the model gives")] = 0
    embedding_query_prefix: str = ""
    embedding_passage_prefix: str = ""
    embedding_threads: Count = 2
    embedding_idle_seconds: Seconds = 300.0
    title_model: ModelChoice = "own"
    follow_up_model: ModelChoice = "none"
    asides_on_budget: Switch = True
    first_token_seconds: Seconds = 60.0
    between_tokens_seconds: Seconds = 30.0
    wordless_seconds: Seconds = 600.0
    answer_seconds: Seconds = 3600.0
    answer_tokens: Count = 250_000

    disable_websocket: Switch = False
    disable_llm_calls: Switch = False
    test_mode: Switch = False
    test_email: Email = "test@test.com"
    owner_email: Email = "owner@localhost"

    trusted_proxies: str = ""
    proxy_user_header: HeaderName = "X-EMAIL-USER"
    proxy_secret_header: HeaderName = "X-PROXY-SECRET"  # noqa: S105  the name, not the secret
    proxy_shared_secret: str = ""
    proxy_jwt_header: str = ""
    proxy_jwt_keys_url: str = ""
    proxy_jwt_issuer: str = ""
    proxy_jwt_audience: str = ""
    proxy_jwt_email_claim: str = "email"
    proxy_jwt_email_trusted: Switch = False
    proxy_session_seconds: Seconds = 3600.0
    proxy_sign_out_url: WebAddress = ""
    proxy_create_people: Switch = True
    sign_up: SignUp = "invited"
    oidc_name: str = ""
    oidc_issuer: Issuer = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scopes: str = "openid profile email"
    oidc_email_claim: str = "email"
    oidc_email_trusted: Switch = False
    oidc_groups_claim: str = "groups"
    oidc_groups_name: str = ""
    google_client_id: str = ""
    google_client_secret: str = ""
    github_client_id: str = ""
    github_client_secret: str = ""
    github_url: Origin = ""
    oauth_client_documents: Switch = True
    oauth_dynamic_registration: Switch = False
    access_policy: Class = "accounts.access.grant_policy.GrantPolicy"
    parallel_answers: Count = 1
    open_sockets: Count = 100
    followed_answers: Count = 200

    python_seconds: Seconds = 30.0
    python_memory_mb: Count = 512
    python_at_once: Annotated[int, Meta(ge=0, description="a number, 0 for as many as there are processors")] = 0

    drain_seconds: Annotated[float, Meta(ge=0, description="a number of seconds, 0 for none")] = 1.0
    request_head_seconds: Seconds = 10.0
    request_body_seconds: Seconds = 30.0
    response_seconds: Seconds = 60.0
    web_processes: Count = 1
    runner_processes: Count = 1
    log_level: LogLevel = "INFO"

    @property
    def address(self) -> str:
        """Return the address that people type to reach the portal."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return _plain_origin(self.public_url) or f"http://{host}:{self.port}"

    def data_path(self) -> Path:
        """Return the folder of all data; a relative path counts from the checkout."""
        return _folder(self.data_dir)

    def listed(self, value: str) -> list[str]:
        """Split a comma-separated setting into its entries."""
        return [entry.strip() for entry in value.split(",") if entry.strip()]


def _plain_origin(address: str) -> str:
    """Normalize an origin as browsers do (RFC 6454, section 6.2): in lower case, without the scheme's default port."""
    scheme, _, place = address.rstrip("/").lower().partition("://")
    host, _, port = place.rpartition(":")
    return f"{scheme}://{host}" if port == DEFAULT_PORTS.get(scheme) else address.rstrip("/").lower()


class WrongSetting(NamedTuple):
    """A setting with an unusable value."""

    text: str
    remedy: str


def read(environ: Mapping[str, str] | None = None) -> Environment:
    """Read the environment and `.env`. Raises ImproperlyConfigured naming each wrong setting."""
    environment, wrong = examine(environ)
    if wrong:
        raise ImproperlyConfigured(" ".join(f"{each.text} {each.remedy}" for each in wrong))
    return environment


def examine(environ: Mapping[str, str] | None = None) -> tuple[Environment, list[WrongSetting]]:
    """Read the same, but return wrong settings separately and use their defaults."""
    file, wrong = _of_file(ROOT / ".env")
    given = file | dict(os.environ if environ is None else environ)
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Environment):
        if text := given.get(field.encode_name):
            try:
                values[field.name] = _value(text, field.type)
            except (msgspec.ValidationError, ValueError, RuntimeError):
                wrong.append(_wrong(field, text))
    return Environment(**values), wrong


def variables() -> dict[str, str]:
    """Return the environment with `.env` below it, as it is: also what is no setting, such as providers' keys."""
    return _of_file(ROOT / ".env")[0] | dict(os.environ)


def _of_file(file: Path) -> tuple[dict[str, str], list[WrongSetting]]:
    try:
        return {name: value for name, value in dotenv_values(file).items() if value is not None}, []
    except (OSError, UnicodeDecodeError):
        return {}, [WrongSetting(f"{file} cannot be read.", "Make it a text file that the user who runs Galaxy can read.")]


def _value(text: str, kind: Any) -> Any:
    if kind is Folder:
        _folder(text)
    if kind in FORMS:
        FORMS[kind](text)
    return msgspec.convert(text.upper() if kind is LogLevel else text, kind, strict=False)


def _folder(text: str) -> Path:
    """Resolve a folder. Raises RuntimeError for an unknown user's home, or a loop of links."""
    return (ROOT / Path(text).expanduser()).resolve()


def _wrong(field: msgspec.structs.FieldInfo, text: str) -> WrongSetting:
    (meta,) = field.type.__metadata__  # plain text is never wrong
    shown = field.encode_name if field.type in SECRETS else f"{field.encode_name}={text}"
    return WrongSetting(f"{shown} is not valid.", f"Set it to {meta.description}.")
