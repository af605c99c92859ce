"""Streams of real servers, byte for byte, by name. `[[play=name]]` in a question has the stand-in send one."""

import asyncio
import json
from itertools import pairwise
from typing import Any, NamedTuple

from aiohttp import web

from tests.providers.calls import Call

FOREVER = 3600.0
SECRET = "sk-planted-secret-000000000000"


class Script(NamedTuple):
    """An answer. `then`: it hangs up (""), is silent ("silence"), or sends this again and again."""

    data: bytes
    then: bytes | str = ""
    content_type: str = "text/event-stream"
    status: int = 200


def text(content: str, **more: Any) -> str:
    """A chunk with this text."""
    return json.dumps({"choices": [{"index": 0, "delta": {"content": content}, **more}]})


def sse(*payloads: Any, end: str = "\n\n") -> bytes:
    """Server-sent events."""
    return "".join(
        f"data: {payload if isinstance(payload, str) else json.dumps(payload)}{end}" for payload in payloads
    ).encode()


def delta(**members: Any) -> dict[str, Any]:
    """A chunk whose delta has these members."""
    return {"choices": [{"delta": members}]}


def usage(**members: Any) -> dict[str, Any]:
    """A chunk that counts."""
    return {"choices": [], "usage": members}


HELLO, WORLD = text("Hello "), text("world")
STOP = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
COUNTED = usage(prompt_tokens=7, completion_tokens=2)
DONE = "[DONE]"
WHOLE = {"choices": [{"message": {"role": "assistant", "content": "Hello world"}, "finish_reason": "stop"}]}
INDENTED = json.dumps(WHOLE, indent=2).encode()
SPLIT = HELLO.replace(', "delta"', ',\ndata: "delta"')

# Each says "Hello world", and nothing else.
WELL = {
    "comments_after_usage": Script(sse(HELLO, WORLD, STOP, COUNTED), b": ping\n\n"),
    "silence_after_usage": Script(sse(HELLO, WORLD, STOP, COUNTED), "silence"),
    "comments_after_stop": Script(sse(HELLO, WORLD, STOP), b": ping\n\n"),
    "keepalive_as_data": Script(sse(": keepalive", HELLO, "", ": keepalive", WORLD, "ping", STOP, DONE)),
    "comment_lines": Script(b": hi\n\n:\n" + sse(HELLO) + b": more\n" + sse(WORLD, DONE)),
    "thoughts_that_cannot_be_stored": Script(
        sse(delta(reasoning_details=[{"type": "reasoning.encrypted", "data": "\0"}]), HELLO, WORLD, STOP, DONE)
    ),
    "empty_data": Script(b"data:\n\ndata\n\n" + sse(HELLO, WORLD, DONE)),
    "bare_done": Script(sse(HELLO, WORLD) + b"[DONE]\n"),
    "crlf": Script(sse(HELLO, WORLD, STOP, DONE, end="\r\n\r\n")),
    "cr": Script(sse(HELLO, WORLD, STOP, DONE, end="\r\r")),
    "two_data_lines": Script(sse(SPLIT, WORLD, STOP, DONE)),
    "leading_blank_lines": Script(b"\n\r\n\n" + sse(HELLO, WORLD, DONE)),
    "byte_order_mark": Script(b"\xef\xbb\xbf" + sse(HELLO, WORLD, DONE)),
    "single_line_feeds": Script(sse(HELLO, WORLD, STOP, DONE, end="\n")),
    "fields_of_the_future": Script(b"retry: 10\nid: 1\nx-trace: 7\n" + sse(HELLO, WORLD, DONE)),
    "junk_after_stop": Script(sse(HELLO, WORLD, STOP, '{"half":', "%%%") + b"<html>\n{\n"),
    "error_after_stop": Script(sse(HELLO, WORLD, STOP, {"error": {"message": "late"}})),
    "one_json": Script(json.dumps(WHOLE).encode(), content_type="application/json"),
    "one_json_indented": Script(INDENTED, content_type="application/json"),
    "one_json_no_reason": Script(json.dumps({"choices": [{"message": {"content": "Hello world"}}]}).encode()),
    "one_json_as_event": Script(sse(WHOLE, DONE)),
    "ollamas_own": Script(b'{"message":{"content":"Hello "},"done":false}\n{"message":{"content":"world"},"done":true}\n'),
    "completions": Script(sse({"choices": [{"text": "Hello world", "finish_reason": "stop"}]}, DONE)),
    "odd_members": Script(
        sse(
            {
                "choices": [
                    {"delta": {"content": "Hello ", "tool_calls": "none", "reasoning": 5, "refusal": False}, "index": "0"}
                ]
            },
            {"choices": [{"delta": {"content": "world", "tool_calls": [7]}, "finish_reason": 0}], "usage": "none", "error": ""},
            {"choices": [{"delta": [], "finish_reason": "stop"}], "usage": []},
            {"choices": {}, "usage": 5},
            {"choices": None, "error": None},
            DONE,
        )
    ),
    "parts": Script(sse(delta(content=[{"type": "text", "text": "Hello "}, 7, None]), delta(content={"text": "world"}), DONE)),
    "not_a_number": Script(sse(HELLO, WORLD, '{"choices": [], "usage": {"cost": NaN}}', STOP)),
    "words_for_stop": Script(sse(HELLO, text("world", finish_reason="EOS"))),
    "message_beside_delta": Script(
        sse(
            {"choices": [{"delta": {"content": "Hello world"}, "message": {"content": "Hello world"}, "finish_reason": "stop"}]}
        )
    ),
    "think": Script(sse(text("<think>Hm"), text("</think>\n\nHello "), WORLD, DONE)),
    "think_cut": Script(sse(text("<th"), text("ink>Hm</thi"), text("nk>Hello "), WORLD, DONE)),
    "think_closed_only": Script(sse(text("Hm, "), text("so.\n</think>"), text("\n\n"), HELLO, WORLD, DONE)),
    "same_in_both": Script(sse(delta(content="Hm", reasoning_content="Hm"), HELLO, WORLD, DONE)),
}

COUNTS = {
    "as_texts": usage(prompt_tokens="7", completion_tokens="2", cost="0.5"),
    "as_floats": usage(prompt_tokens=7.0, completion_tokens=2.9, cost=0.5, prompt_tokens_details={"cached": None}),
    "missing": usage(completion_tokens=2),
    "odd": usage(prompt_tokens=[7], completion_tokens=True, cost="²", total_tokens={}),
    "endless": usage(prompt_tokens="9" * 400, completion_tokens=-1, cost=1e300),
}

# Each ends with an error of this code, with these words in it, and keeps this text.
ILL = {
    "stop_alone": (Script(sse(STOP, DONE)), "model_gave_no_answer", "gave no answer", ""),
    "done_alone": (Script(sse(DONE)), "model_gave_no_answer", "gave no answer", ""),
    "thoughts_alone": (Script(sse(delta(reasoning_content="Hm"), STOP, DONE)), "model_gave_no_answer", "thoughts", ""),
    "think_alone": (Script(sse(text("<think>Hm</think>\n"), STOP)), "model_gave_no_answer", "no answer", None),
    "blanks_alone": (Script(sse(text(" \n\u200b"), STOP)), "model_gave_no_answer", "no answer", None),
    "named_blanks_alone": (Script(sse(text("&nbsp;&#8203;"), STOP)), "model_gave_no_answer", "no answer", None),
    "heading_alone": (Script(sse(text("# "), STOP)), "model_gave_no_answer", "no answer", None),
    "length_alone": (Script(sse(text("", finish_reason="length"))), "model_gave_no_answer", "limit of tokens", ""),
    "object_error": (
        Script(sse({"object": "error", "message": f"No memory for {SECRET}", "code": 500})),
        "model_overloaded",
        "No memory",
        "",
    ),
    "detail": (Script(json.dumps({"detail": "Not ready yet"}).encode()), "model_overloaded", "Not ready yet", ""),
    "error_indented": (
        Script(
            json.dumps({"error": {"message": "out of memory", "type": "x"}}, indent=4).encode(), content_type="application/json"
        ),
        "model_overloaded",
        "out of memory",
        "",
    ),
    "error_midway": (Script(sse(HELLO, {"error": "the slot is gone"})), "model_overloaded", "slot is gone", "Hello "),
    "error_event": (Script(sse(HELLO) + b"event: error\ndata: gone away\n\n"), "model_overloaded", "broke off", "Hello "),
    "error_in_a_list": (Script(b'[{\n  "error": {"code": 429, "message": "slow"}\n}]'), "model_rate_limited", "busy", ""),
    "reason_error": (Script(sse(HELLO, text("", finish_reason="error"), DONE)), "model_overloaded", "broke off", "Hello "),
    "reason_unknown": (Script(sse(HELLO, text("", finish_reason="cosmic_ray"))), "model_stream_broken", "cosmic_ray", "Hello "),
    "cut_json": (Script(sse(HELLO, '{"choices": [{')), "model_stream_broken", "not a valid answer", "Hello "),
}

REFUSAL = Script(sse(delta(content=None, refusal="I can"), delta(content=None, refusal="not."), STOP, DONE))
SYSTEM_ROLE = {
    "gemma": (400, {"error": {"message": "System role not supported"}}),
    "mistral": (500, {"error": "Conversation roles must alternate user/assistant/user/assistant/..."}),
    "typed": (422, {"detail": [{"loc": ["messages", 0, "role"], "msg": "Input should be 'user' or 'assistant'"}]}),
}
SCRIPTS = {**WELL, **{name: ill[0] for name, ill in ILL.items()}, "refusal": REFUSAL}
SCRIPTS |= {f"count_{name}": Script(sse(HELLO, WORLD, STOP, count, DONE)) for name, count in COUNTS.items()}
SCRIPTS["count_twice"] = Script(
    sse(usage(prompt_tokens=7), HELLO, WORLD, STOP, COUNTED, usage(), {"choices": [], "usage": None}, usage(cost=0.5), DONE)
)
SCRIPTS["comments_alone"] = Script(b"", b": working\n\n")
SCRIPTS["same_for_ever"] = Script(sse(HELLO), sse(text("I am sorry. I am sorry. " * 5)))


async def play(request: web.Request, name: str, body: Any, call: Call) -> web.StreamResponse:
    """Send the script of this name."""
    system = name.removeprefix("system_")
    if system in SYSTEM_ROLE:
        roles = [turn["role"] for turn in body["messages"]]
        if any(role == "system" for role in roles) or any(one == following for one, following in pairwise(roles)):
            status, told = SYSTEM_ROLE[system]
            call.end("refused")
            return web.json_response(told, status=status)
        name = "bare_done"
    script = SCRIPTS[name]
    response = web.StreamResponse(status=script.status, headers={"Content-Type": script.content_type})
    try:
        await response.prepare(request)
        await response.write(script.data)
        while isinstance(script.then, bytes):
            await response.write(script.then)
            await asyncio.sleep(0.02)
        if script.then:
            await asyncio.sleep(FOREVER)
    except (asyncio.CancelledError, ConnectionError):
        call.end("client_closed")
        raise
    call.end("complete")
    return response
