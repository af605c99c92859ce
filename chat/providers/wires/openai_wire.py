"""Every server that speaks OpenAI's chat completions, read straight off the socket (why: docs/models.md)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import msgspec

from chat.providers import error_mapping, sessions
from chat.providers.base import Broken, ProviderEvent, Refused, Request, Stalled, Unreachable
from chat.providers.known import prices, registry
from chat.providers.reading.lines import Lines
from chat.providers.wires import messages
from chat.providers.wires.openai_delta import Answer
from chat.providers.wires.stall_timeout import Patience

BODY_OF_AN_ERROR = 4096
TIDY_SECONDS = 0.1
LINES_AT_ONCE = 24
# What is waited for once the answer has ended, where the server neither says so nor hangs up: what it took, or the end mark.
AFTER_END = 5.0
AFTER_COUNT = 1.0


class OpenAIWire:
    """A Provider. One instance serves all models."""

    def __init__(self) -> None:
        self._without_usage: set[str] = set()

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """See `base.Provider`."""
        patience = Patience(first=request.first_token_seconds, between=request.between_tokens_seconds)
        response = await self._ask(request)
        answer, lines = Answer(request.model), Lines()
        try:
            with patience.watch(response.close):
                settled = False
                while not answer.ended and (data := await _read(response, patience, request, answer)):
                    for number, line in enumerate(lines.feed(data)):
                        if number % LINES_AT_ONCE == LINES_AT_ONCE - 1:
                            await asyncio.sleep(0)  # a model that floods must not keep the loop from all others
                        for event in answer.read(line):
                            if not settled:
                                settled = True
                                patience.settle()
                            yield event
                    if answer.is_whole:
                        patience.ends_within(AFTER_COUNT if answer.is_counted else AFTER_END)
            for event in [*answer.read(lines.rest()), *answer.close()]:
                yield event
            yield prices.priced(answer.finished(), request.model)
            await _tidy(response)
        finally:
            response.close()

    async def _ask(self, request: Request) -> aiohttp.ClientResponse:
        address = _address(request)
        usage = address not in self._without_usage
        response = await _post(request, address, usage=usage)
        if response.status in {400, 422} and usage:
            body = await _error_body(response)
            if "stream_options" not in body and "include_usage" not in body:
                raise error_mapping.of_status(response.status, request.model, body=body)
            self._without_usage.add(address)
            response = await _post(request, address, usage=False)
        await _check(response, request)
        return response


def _address(request: Request) -> str:
    model = request.model
    base = registry.door(model.provider, model.base_url)
    if not base.startswith(("http://", "https://")):
        raise Refused(f"“{model.name}” has no address. Set its base URL.")
    return f"{base}/chat/completions"


def _body(request: Request, *, usage: bool) -> bytes:
    body: dict[str, Any] = {
        **request.parameters.given(),
        "model": request.model.model,
        "messages": messages.for_openai(request),
        **messages.tools_for(request),
        "stream": True,
    }
    if usage:
        body["stream_options"] = {"include_usage": True}
    return msgspec.json.encode(body)


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **request.model.headers}
    if request.model.api_key:
        headers["Authorization"] = f"Bearer {request.model.api_key}"
    return headers


async def _post(request: Request, address: str, *, usage: bool) -> aiohttp.ClientResponse:
    who = registry.subject(request.model.provider)
    body, headers = _body(request, usage=usage), _headers(request)
    try:
        async with asyncio.timeout(request.first_token_seconds):
            try:
                return await _sent(address, body, headers, request.connect_seconds)
            except aiohttp.ServerDisconnectedError:  # it closed a connection that was kept for this question: llama.cpp does
                return await _sent(address, body, headers, request.connect_seconds)
    except aiohttp.ServerTimeoutError as error:
        raise Unreachable(f"{who} does not answer.") from error
    except TimeoutError as error:
        raise Stalled(f"{who} accepted the question and then sent nothing.") from error
    except aiohttp.InvalidURL as error:
        raise Refused(f"The address of “{request.model.name}” is not a valid URL.") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"{who} cannot be reached.") from error
    except ValueError as error:  # aiohttp's word for a header that would become two
        raise Refused(f"The key or a header of “{request.model.name}” cannot be sent: it holds a line end.") from error


async def _sent(address: str, body: bytes, headers: dict[str, str], connect_seconds: float) -> aiohttp.ClientResponse:
    within = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
    # A redirect would carry the key and the conversation to an address that no one configured.
    return await sessions.session().post(
        address, data=body, headers=headers, allow_redirects=False, proxy=sessions.proxy_for(address), timeout=within
    )


async def _check(response: aiohttp.ClientResponse, request: Request) -> None:
    """Raises for every answer that is not a stream."""
    if response.status != 200:  # noqa: PLR2004
        wait = error_mapping.retry_after(response.headers.get("Retry-After"))
        raise error_mapping.of_status(response.status, request.model, body=await _error_body(response), retry_after=wait)
    if response.content_type == "text/html":
        response.close()
        what = f"The address of “{request.model.name}” leads to a web page, not to a model."
        raise Refused(f"{what} {error_mapping.WHERE_ADDRESSES_ARE}")


async def _error_body(response: aiohttp.ClientResponse) -> str:
    """The start of an error's body; the connection is given up."""
    body = b""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(5):
            body = await response.content.read(BODY_OF_AN_ERROR)
    response.close()
    return body.decode(errors="replace")


async def _read(response: aiohttp.ClientResponse, patience: Patience, request: Request, answer: Answer) -> bytes:
    """The next bytes, empty at the end. Raises Stalled or Broken where no end was said."""
    patience.waits()
    try:
        return await response.content.readany()
    except (aiohttp.ClientError, OSError) as error:
        if answer.is_whole:
            return b""
        who = registry.label(request.model.provider)
        if patience.late:
            raise Stalled(
                f"{registry.subject(request.model.provider)} stopped in the middle of its answer and sent nothing more."
            ) from error
        raise Broken(f"The connection to {who} was cut in the middle of the answer.") from error
    finally:
        patience.heard()


async def _tidy(response: aiohttp.ClientResponse) -> None:
    """Reads the few bytes after the end mark, so that the connection can serve the next question."""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(TIDY_SECONDS):
            while await response.content.readany():
                pass
        response.release()
