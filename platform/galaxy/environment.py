"""Every setting that Galaxy reads from the environment, typed, with its default.

`.env` in the checkout fills in what the environment leaves out. `.env.example` documents each name; a test compares.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parents[2]


class Environment(msgspec.Struct, frozen=True, rename="upper"):
    """The settings by name. An empty string means: not set. Lists are separated by commas."""

    app_name: str = "Galaxy Chat"
    system_prompt_override: str = ""

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    allowed_hosts: str = ""
    secret_key: str = ""
    data_dir: str = "var"

    database_url: str = ""
    redis_url: str = ""
    mqtt_url: str = ""

    llm_base_url: str = ""
    llm_api_key: str = ""
    llm_model_name: str = ""
    llm_config_file: str = "platform/config/llms.yml"
    find_models: bool = True
    first_token_seconds: float = 60.0
    between_tokens_seconds: float = 30.0

    disable_websocket: bool = False
    disable_llm_calls: bool = False
    test_mode: bool = False
    test_email: str = "test@test.com"
    owner_email: str = "owner@localhost"

    web_processes: int = 1
    runner_processes: int = 1
    log_level: str = "INFO"

    def data_path(self) -> Path:
        """The folder below which everything is kept; a relative one counts from the checkout."""
        return (ROOT / Path(self.data_dir).expanduser()).resolve()

    def listed(self, value: str) -> list[str]:
        """The entries of a comma-separated setting."""
        return [entry.strip() for entry in value.split(",") if entry.strip()]


def read(environ: Mapping[str, str] | None = None) -> Environment:
    """The environment with `.env` below it. Raises ImproperlyConfigured naming the setting that is wrong."""
    file = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}
    given = file | dict(os.environ if environ is None else environ)
    known = {field.encode_name for field in msgspec.structs.fields(Environment)}
    try:
        return msgspec.convert({name: given[name] for name in known & given.keys() if given[name]}, Environment, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise ImproperlyConfigured(f"{where.rstrip('`') or 'The environment'}: {what}.") from error
