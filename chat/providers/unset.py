"""The answer where no model is set up. It is no model and says so."""

from collections.abc import AsyncGenerator

from chat.events import Usage
from chat.providers.base import Finished, ModelConfig, ProviderEvent, Request, TextDelta

UNSET = ModelConfig(name="No model yet", provider="unset", model="unset")

_ANSWER = """**No language model is set up yet**, so nobody has read your question. This text is written into Galaxy itself.

Any one of these gives you a model. These are noticed while Galaxy runs:

- **A model on this machine:** start [Ollama](https://ollama.com) (`ollama run llama3.2`) or LM Studio with its server on. \
It is found within half a minute, unless `FIND_MODELS=false` is set.
- **Several models with names of your own:** list them in `platform/config/llms.yml`. The list counts as soon as it is saved; \
a variable that it names must have been set when Galaxy started.

These go into the environment or into `.env`, and count **after a restart** of Galaxy:

- **A provider's key:** `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GEMINI_API_KEY`, `OPENROUTER_API_KEY`, `MISTRAL_API_KEY`, \
`GROQ_API_KEY` or `DEEPSEEK_API_KEY`, unless `FIND_MODELS=false` is set.
- **Any OpenAI-compatible server:** `LLM_BASE_URL`, `LLM_API_KEY` and `LLM_MODEL_NAME`.

Your question is kept: ask again then.
"""


class Unset:
    """A Provider that explains how to set one up."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:  # noqa: ARG002
        """See `base.Provider`."""
        for paragraph in _ANSWER.splitlines(keepends=True):
            yield TextDelta(paragraph)
        yield Finished("stop", Usage())
