"""The answer where no model is set up. It is not a model and says so."""

from collections.abc import AsyncGenerator

from chat.events import Usage
from chat.providers.base import Finished, ModelConfig, ProviderEvent, Request, TextDelta

UNSET = ModelConfig(name="No model yet", provider="unset", model="unset")

_BEGINNING = """**No language model is set up yet**, so no one has read your question. This text is built into Galaxy.

Any one of these gives you a model. These take effect while Galaxy is running:

"""
_LOCAL = """\
- **A provider with its key:** an operator adds it on the page Providers of the admin (`/admin/chat/modelprovider/add/`).
- **A model on this machine:** start [Ollama](https://ollama.com) (`ollama run llama3.2`) or LM Studio with its server on. \
It is found within half a minute.
"""
_LISTED = """\
- **Several models with names of your own:** list them in `platform/config/llms.yml`. The list takes effect when it is saved; \
a variable that it names must have been set when Galaxy started.

These go into the environment or into `.env`, and take effect **after a restart** of Galaxy:

"""
_KEY = """\
- **A provider's key:** `OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GEMINI_API_KEY`, `OPENROUTER_API_KEY`, `MISTRAL_API_KEY`, \
`GROQ_API_KEY` or `DEEPSEEK_API_KEY`.
"""
_LOOKING = """\
- **Looking for models** on this machine and at providers whose keys are set: `FIND_MODELS=true`. It is set to `false` here.
"""
_SERVER = """\
- **Any OpenAI-compatible server:** `LLM_BASE_URL`, `LLM_API_KEY` and `LLM_MODEL_NAME`.

Your question is kept: ask again then.
"""


class Unset:
    """A Provider that explains how to set one up. `finds`: whether models are looked for (`FIND_MODELS`)."""

    def __init__(self, *, finds: bool) -> None:
        self._finds = finds

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:  # noqa: ARG002
        """See `base.Provider`."""
        parts = [_BEGINNING, _LOCAL, _LISTED, _KEY, _SERVER] if self._finds else [_BEGINNING, _LISTED, _LOOKING, _SERVER]
        for paragraph in "".join(parts).splitlines(keepends=True):
            yield TextDelta(paragraph)
        yield Finished("stop", Usage())
