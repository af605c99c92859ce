"""The stand-in itself: the doors of six providers in one web application."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from tests.providers import clouds, demands, directive, doors, embedding, plain, played, samples, wires
from tests.providers.calls import Call, Calls
from tests.providers.directive import Directive, Fault
from tests.providers.playback import Playback

USAGE = (12, 34)
CONTINUE = "Continue your last answer"  # as the portal asks for the rest of one

WRONG_KEY, NO_MODEL = "sk-wrong", "no-such-model"


class StandIn:
    """A running server. `url` is its root; an OpenAI client's base URL is `openai_url`."""

    def __init__(self, *, port: int = 0, rate: float = 0.0, models: list[str] | None = None) -> None:
        self.port, self.rate = port, rate
        self.models = wires.MODELS if models is None else models
        self.calls = Calls()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    async def start(self) -> None:
        """Listens; port 0 takes a free one."""
        # A handler is cancelled when its client goes: that is how the moment is noted.
        self._runner = web.AppRunner(self._application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Closes every connection and stops listening."""
        if self._runner:
            await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes(
            [
                web.post("/v1/chat/completions", self._openai),
                web.post("/v1/embeddings", self._embeddings),
                web.get("/v1/models", self._openai_models),
                web.post("/v1beta/openai/chat/completions", self._gemini_door),
                web.post("/ollama/v1/chat/completions", self._ollama_door),
                web.get("/v1beta/openai/models", self._openai_models),
                web.post("/own/v1/chat/completions", self._ollama),
                web.post("/v1/messages", self._anthropic),
                web.post("/v1beta/models/{model}:{method}", self._gemini),
                web.get("/v1beta/models", self._gemini_models),
                web.post("/model/{model}/{method:converse(-stream)?}", self._bedrock),
                web.post("/openai/deployments/{model}/chat/completions", self._azure),
                web.post("/api/chat", self._ollama),
                web.get("/api/tags", self._ollama_models),
                web.get("/api/version", self._ollama_version),
                web.get("/_calls", self._calls),
                web.delete("/_calls", self._forget),
            ]
        )
        return application

    async def _openai(self, request: web.Request, kind: type[wires.OpenAI] = wires.OpenAI) -> web.StreamResponse:
        body = await request.json()
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        wire = kind(body["model"], include_usage=usage)
        if usage and "fault=nousage" in str(body["messages"]):
            return _refusal(wire.name, 400, "Unknown parameter: 'stream_options'.")
        return await self._answer(request, wire, body, streaming=bool(body.get("stream")))

    async def _embeddings(self, request: web.Request) -> web.Response:
        body = await request.json()
        call = self.calls.add("embeddings", body["model"], _key(request), body, str(body.get("input")), streaming=False)
        fault = _fault_of(_key(request), body["model"])
        message = embedding.unmet(body)
        call.end("refused" if fault or message else "complete")
        if fault or message:
            return _refusal("openai", fault.status if fault else 400, message or "It is not known here.")
        return web.json_response(embedding.answer(body, call.id))

    async def _gemini_door(self, request: web.Request) -> web.StreamResponse:
        return await self._openai(request, doors.GeminiDoor)

    async def _ollama_door(self, request: web.Request) -> web.StreamResponse:
        return await self._openai(request, doors.OllamaDoor)

    async def _anthropic(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._answer(request, wires.Anthropic(body["model"], USAGE[0]), body, streaming=bool(body.get("stream")))

    async def _gemini(self, request: web.Request) -> web.StreamResponse:
        wire = wires.Gemini(request.match_info["model"], USAGE[0])
        streaming = request.match_info["method"] == "streamGenerateContent"
        return await self._answer(request, wire, await request.json(), streaming=streaming)

    async def _bedrock(self, request: web.Request) -> web.StreamResponse:
        streaming = request.match_info["method"] == "converse-stream"
        return await self._answer(request, clouds.Bedrock(), await request.json(), streaming=streaming)

    async def _azure(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        wire = clouds.Azure(request.match_info["model"], include_usage=usage)
        return await self._answer(request, wire, body, streaming=bool(body.get("stream")))

    async def _ollama(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._answer(request, wires.Ollama(body["model"]), body, streaming=body.get("stream", True))

    async def _answer(self, request: web.Request, wire: wires.Wire, body: Any, *, streaming: bool) -> web.StreamResponse:
        question, *before = _questions(body)
        script = directive.parse(question, rate=self.rate)
        wire.cached = script.cached
        if question.startswith(CONTINUE) and before:  # the rest comes as slowly as the beginning did
            script = Directive(rate=directive.parse(before[0], rate=self.rate).rate)
        model = body.get("model") or request.match_info.get("model", "")
        call = self.calls.add(wire.name, model, _key(request), body, question, streaming=streaming)
        fault = _fault_of(_key(request), model) or self._fault_now(script, question)
        if message := demands.unmet(wire.name, model, body):
            call.end("refused")
            return _refusal(wire.name, 400, message)
        if script.play:
            return await played.play(request, script.play, body, call)
        if refused := await _refuse(wire.name, fault, script):
            call.end("refused")
            return refused
        if not streaming:
            return self._whole(wire, script, question, call)
        return await Playback(request, wire, script, fault, call).play()

    def _fault_now(self, script: Directive, question: str) -> Fault:
        fault, times = script.first_fault
        if self.calls.repeats[question] < times:
            self.calls.repeats[question] += 1
            return fault
        return script.fault

    def _whole(self, wire: wires.Wire, script: Directive, question: str, call: Call) -> web.Response:
        call.end("complete")
        text = script.text or "".join(samples.answer(question, script.tokens, script.sample))
        return web.json_response(wire.whole(text, USAGE))

    async def _openai_models(self, _: web.Request) -> web.Response:
        entries = [{"id": name, "object": "model", "created": 1, "owned_by": "stand-in"} for name in self.models]
        return web.json_response({"object": "list", "data": entries, "has_more": False})

    async def _gemini_models(self, _: web.Request) -> web.Response:
        methods = ["generateContent", "countTokens"]
        entries = [{"name": f"models/{name}", "supportedGenerationMethods": methods} for name in self.models]
        return web.json_response({"models": entries})

    async def _ollama_models(self, _: web.Request) -> web.Response:
        details = {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}
        entries = [{"name": f"{name}:latest", "model": f"{name}:latest", "size": 1, "details": details} for name in self.models]
        return web.json_response({"models": entries})

    async def _ollama_version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "0.12.0"})

    async def _calls(self, _: web.Request) -> web.Response:
        return web.json_response(self.calls.as_json())

    async def _forget(self, _: web.Request) -> web.Response:
        self.calls.clear()
        return web.json_response({})


def _key(request: web.Request) -> str:
    headers = request.headers
    bearer = headers.get("Authorization", "").removeprefix("Bearer ")
    return (
        bearer
        or headers.get("api-key", "")
        or headers.get("x-api-key", "")
        or headers.get("x-goog-api-key", "")
        or request.query.get("key", "")
    )


def _fault_of(key: str, model: str) -> Fault | None:
    """A key that a provider would not know, or a model that it does not have."""
    if key == WRONG_KEY:
        return Fault("401")
    return Fault("404") if model == NO_MODEL else None


def _questions(body: Any) -> list[str]:
    """The texts of the person's messages, on any wire, the last one first; an empty one where there are none."""
    turns = body.get("messages") or body.get("contents") or []
    asked = [plain.question(_words(turn)) for turn in turns if turn.get("role", "user") == "user"]
    return list(filter(None, reversed(asked))) or [""]  # a turn of tools' results has none


def _words(turn: Any) -> str:
    content = turn.get("content") or turn.get("parts") or ""
    if isinstance(content, list):
        return " ".join(filter(None, (str(part.get("text") or "") for part in content)))
    return str(content)


async def _refuse(wire: str, fault: Fault, script: Directive) -> web.Response | None:
    if fault.kind == "html":
        return web.Response(text="<!doctype html><title>Welcome</title><h1>It works!</h1>", content_type="text/html")
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
    if not fault.status:
        return None
    headers = {"Retry-After": f"{script.retry_after:g}"} if fault.status in {429, 503} else {}
    return _refusal(wire, fault.status, "It went wrong for key sk-planted-secret-000000000000", headers)


def _refusal(wire: str, status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """The error body as the wire's provider sends it. It repeats a key on purpose: none may reach a person or a log."""
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 400: "invalid_request_error"}
    kind = kinds.get(status, "api_error")
    body: Any = {"error": {"message": message, "type": kind, "param": None, "code": None}}
    if wire == "anthropic":
        body = {"type": "error", "error": {"type": kind, "message": message}}
    elif wire == "gemini":
        body = {"error": {"code": status, "message": message, "status": kind.upper()}}
    elif wire == "ollama":
        body = {"error": message}
    elif wire == "bedrock":
        body = {"message": message}
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json", headers=headers)


@contextlib.asynccontextmanager
async def serving(*, port: int = 0, rate: float = 0.0, models: list[str] | None = None) -> AsyncIterator[StandIn]:
    """A stand-in in this process, for as long as the block lasts."""
    server = StandIn(port=port, rate=rate, models=models)
    await server.start()
    try:
        yield server
    finally:
        await asyncio.shield(server.stop())
