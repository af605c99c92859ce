"""The answer where no model is set up. It is no model and says so."""

from collections.abc import AsyncGenerator

from chat.events import Usage
from chat.providers.base import Finished, ModelConfig, ProviderEvent, Request, TextDelta

UNSET = ModelConfig(name="No model yet", provider="unset", model="unset")

_ANSWER = """**No language model is set up yet**, so nobody has read your question. This text is written into Galaxy itself.

Any one of these gives you a model; Galaxy notices by itself:

- **A model on this machine:** start [Ollama](https://ollama.com) (`ollama run llama3.2`) or LM Studio with its server on.
- **A provider's key** in the environment or in `.env`: `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GEMINI_API_KEY`, \
`OPENROUTER_API_KEY`, `MISTRAL_API_KEY`, `GROQ_API_KEY` or `DEEPSEEK_API_KEY`.
- **Any OpenAI-compatible server:** `LLM_BASE_URL`, `LLM_API_KEY` and `LLM_MODEL_NAME`.
- **Several models with names of your own:** list them in `platform/config/llms.yml`.

A change of `.env` counts after a restart; the others within half a minute. Your question is kept: ask again then.
"""


class Unset:
    """A Provider that explains how to set one up."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:  # noqa: ARG002
        """See `base.Provider`."""
        for paragraph in _ANSWER.splitlines(keepends=True):
            yield TextDelta(paragraph)
        yield Finished("stop", Usage())
