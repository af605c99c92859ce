"""OpenAI's embeddings on the wire. Texts that share words have vectors that are near each other."""

import base64
import hashlib
import math
import re
import struct
from typing import Any

DIMENSIONS = 64
MODELS = ("stand-in-embedding", "stand-in-changing")  # the second has other dimensions with each call


def unmet(body: Any) -> str:
    """The demand that OpenAI makes and a request does not meet; empty where there is none."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not texts or not all(isinstance(text, str) for text in texts):
        return "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
    if not all(texts):
        return "'input' cannot be an empty string."
    return "" if body["model"] in MODELS else f"The model `{body['model']}` is not an embedding model."


def answer(body: Any, number: int) -> dict[str, Any]:
    """The vectors, the last first: clients must read `index`."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    size = body.get("dimensions") or DIMENSIONS + (number if body["model"] == MODELS[1] else 0)
    rows = [_row(at, vector(text, size), body.get("encoding_format")) for at, text in enumerate(texts)]
    tokens = sum(len(text.split()) for text in texts)
    return {
        "object": "list",
        "data": rows[::-1],
        "model": body["model"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def vector(text: str, size: int = DIMENSIONS) -> list[float]:
    """A sum of one direction for each word; its length is not 1."""
    sums = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or [""]:
        for at in range(size):
            sums[at] += hashlib.sha256(f"{word} {at}".encode()).digest()[0] - 127.5
    return [value / math.hypot(*sums) * 3 for value in sums]


def _row(at: int, values: list[float], encoding: str | None) -> dict[str, Any]:
    packed = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return {"object": "embedding", "index": at, "embedding": packed if encoding == "base64" else values}
