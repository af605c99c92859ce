"""A client of REST that knows nothing but the door's description, as one that is generated from it does."""

import json
from typing import Any, Self

import httpx
import jsonschema
from jsonschema.protocols import Validator


class Described:
    """Calls operations by their id. Fails for an answer that the description does not tell of."""

    def __init__(
        self, document: dict[str, Any], credentials: dict[str, str], *, cookies: dict[str, str], headers: dict[str, str]
    ) -> None:
        self._document = document
        self._credentials = credentials
        self._cookies, self._headers = cookies, headers
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    async def __aenter__(self) -> Self:
        """Open the connection to the first server that is described."""
        self._http = httpx.AsyncClient(base_url=self._document["servers"][0]["url"], timeout=60, verify=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self._http.aclose()

    async def call(self, name: str, *, body: Any = None, status: int | None = None, **arguments: Any) -> Any:
        """The decoded answer; None for one without a body. `status` is the error that is expected."""
        method, path, operation = self._operations[name]
        sent: dict[str, Any] = {"headers": dict(self._headers), "params": {}, "cookies": dict(self._cookies)}
        for one in operation["parameters"]:
            if one["name"] not in arguments:
                assert not one["required"], one
                continue
            value = str(arguments.pop(one["name"]))
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", value)
            else:
                sent["params" if one["in"] == "query" else "headers"][one["name"]] = value
        assert not arguments, f"{name} has no {arguments}"
        self._prove(operation, sent)
        self._http.cookies = httpx.Cookies(sent.pop("cookies"))
        answer = await self._http.request(method, path, json=body, **sent)
        assert (answer.status_code == status) if status else answer.is_success, answer.text
        return self._decoded(operation, answer)

    def _prove(self, operation: dict[str, Any], sent: dict[str, Any]) -> None:
        """Show what the first way in asks for that this client has the credentials of."""
        ways = (way for way in operation["security"] if set(way) <= set(self._credentials))
        for name in next(ways):
            scheme = self._document["components"]["securitySchemes"][name]
            if scheme["type"] == "http":
                sent["headers"]["Authorization"] = f"Bearer {self._credentials[name]}"
            else:
                place = "cookies" if scheme["in"] == "cookie" else "headers"
                sent[place][scheme["name"]] = self._credentials[name]

    def _decoded(self, operation: dict[str, Any], answer: httpx.Response) -> Any:
        told = self._resolved(operation["responses"][str(answer.status_code)])
        if "content" not in told:
            assert not answer.content
            return None
        kind = answer.headers["content-type"].partition(";")[0]
        schema = told["content"][kind]["schema"]
        if kind == "text/event-stream":
            return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        self._validator(schema).validate(answer.json())
        return answer.json()

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        found: Any = self._document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)

    def _validator(self, schema: dict[str, Any]) -> Validator:
        return jsonschema.Draft202012Validator({**schema, "components": self._document["components"]})
