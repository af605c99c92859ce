"""The OpenAPI document of the REST API, complete enough to generate a client from it."""

from functools import cached_property
from http import HTTPStatus
from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.identity.api_auth import SAFE_METHODS, Needs

REFUSALS = {
    HTTPStatus.UNAUTHORIZED: "No valid token or session came with the request.",
    HTTPStatus.FORBIDDEN: "The credential lacks the scope, or the CSRF token is missing or wrong.",
    HTTPStatus.NOT_FOUND: "It does not exist, or the person may not see it.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some values are not valid; `details` says which.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too much at once. Try again later.",
}
HEADERS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", {"type": "string"}),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", {"type": "integer", "description": "Seconds to wait."}),
}
ERROR = {
    "title": "Error",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "For programs: it does not change."},
                "message": {"type": "string", "description": "For people."},
                "retryable": {"type": "boolean", "description": "Of a refusal by chat: the same may be taken later."},
                "details": {"description": "What is wrong in particular, where there is more to say."},
            },
        }
    },
}


def _name(status: HTTPStatus) -> str:
    return status.phrase.title().replace(" ", "")


def _refusal(words: str, status: HTTPStatus | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    if status in HEADERS:
        name, schema = HEADERS[status]
        told["headers"] = {name: {"schema": schema}}
    return told


def _ways_in() -> dict[str, Any]:
    csrf = "With the session cookie, for requests that change something: the CSRF token of the portal's pages."
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A personal access token, or an app's OAuth token."},
        "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": csrf},
    }


class _Description(OpenAPISchema):
    """Ninja's document, with what it omits."""

    def operation_security(self, operation: Operation) -> list[dict[str, list[str]]]:
        """List the credentials: a token with the scope that is needed, or a session."""
        method = operation.methods[0]
        session: dict[str, list[str]] = {"session": []} if method in SAFE_METHODS else {"session": [], "csrf": []}
        scopes = [need.scope(method) for need in operation.auth_callbacks if isinstance(need, Needs)]
        return [*({"bearer": [scope]} for scope in scopes if scope), session]

    def responses(self, operation: Operation) -> dict[Any, Any]:
        """Describe the operation's results and its errors."""
        refusals = {status.value: {"$ref": f"#/components/responses/{_name(status)}"} for status in REFUSALS}
        return super().responses(operation) | refusals | {"default": {"$ref": "#/components/responses/Refused"}}

    def get_components(self) -> dict[str, Any]:
        """Return everything that operations refer to."""
        refusals = {_name(status): _refusal(words, status) for status, words in REFUSALS.items()}
        return {
            "schemas": {**self.schemas, "Error": ERROR},
            "responses": {**refusals, "Refused": _refusal("Refused, or not possible at the moment.")},
            "securitySchemes": _ways_in(),
        }


class DescribedAPI(NinjaAPI):
    """Ninja's API with a complete document."""

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        """Build the document of OpenAPI 3.1."""
        return _Description(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation. Generated clients use these names for functions, so they stay when a module moves."""
        return super().get_openapi_operation_id(operation).replace("_doors_", "_", 1)

    @cached_property
    def description_document(self) -> OpenAPISchema:
        """Return the document, built once: it does not change while the process runs."""
        return self.get_openapi_schema()
