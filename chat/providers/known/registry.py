"""The providers that Galaxy knows by name: what to call them, where they listen, and which variables hold their keys."""

import urllib.parse

import msgspec


class Known(msgspec.Struct, frozen=True):
    """One provider. `base_url` is the root of its OpenAI-compatible door; empty where it has none, or none fit for use."""

    label: str
    base_url: str = ""
    keys: tuple[str, ...] = ()


PROVIDERS = {
    "openai": Known("OpenAI", "https://api.openai.com/v1", ("OPENAI_API_KEY",)),
    "anthropic": Known("Anthropic", "", ("ANTHROPIC_API_KEY",)),
    "gemini": Known("Gemini", "https://generativelanguage.googleapis.com/v1beta/openai", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
    "openrouter": Known("OpenRouter", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
    "mistral": Known("Mistral", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
    "groq": Known("Groq", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
    "deepseek": Known("DeepSeek", "https://api.deepseek.com/v1", ("DEEPSEEK_API_KEY",)),
    "together_ai": Known("Together", "https://api.together.xyz/v1", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")),
    "fireworks_ai": Known("Fireworks", "https://api.fireworks.ai/inference/v1", ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY")),
    "xai": Known("xAI", "https://api.x.ai/v1", ("XAI_API_KEY",)),
    "cerebras": Known("Cerebras", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    "ollama": Known("Ollama", "http://127.0.0.1:11434/v1"),
    "lm_studio": Known("LM Studio", "http://127.0.0.1:1234/v1"),
    "llamacpp": Known("llama.cpp"),
    "vllm": Known("vLLM"),
    "openai_compatible": Known("the model server"),
    "bedrock": Known("AWS Bedrock"),
    "azure": Known("Azure OpenAI"),
    "vertex_ai": Known("Vertex AI"),
}

# These speak a wire of their own even where a `base_url` is given: LiteLLM translates.
OWN_WIRES = frozenset(
    {
        "anthropic",
        "azure",
        "azure_ai",
        "bedrock",
        "bedrock_converse",
        "cohere",
        "databricks",
        "huggingface",
        "replicate",
        "sagemaker",
        "vertex_ai",
        "watsonx",
    }
)
# Servers of one's own: what they answer costs nothing that a price list knows.
OWN_MACHINES = frozenset({"ollama", "lm_studio", "llamacpp", "vllm", "openai_compatible"})
_ALIASES = {
    "google": "gemini",
    "ollama_chat": "ollama",
    "lmstudio": "lm_studio",
    "llama.cpp": "llamacpp",
    "llama_cpp": "llamacpp",
    "together": "together_ai",
    "fireworks": "fireworks_ai",
    "aws": "bedrock",
}


def canonical(provider: str) -> str:
    """The provider's one name: lower case, `_` for spaces and dashes, aliases resolved."""
    name = provider.strip().lower().replace("-", "_").replace(" ", "_")
    return _ALIASES.get(name, name)


def at(base_url: str) -> str:
    """The provider that listens at an address; `openai_compatible` where it is none of those known."""
    host = urllib.parse.urlsplit(base_url).netloc
    hosts = {urllib.parse.urlsplit(known.base_url).netloc: name for name, known in PROVIDERS.items() if known.base_url}
    hosts |= {"api.anthropic.com": "anthropic", "localhost:11434": "ollama", "localhost:1234": "lm_studio"}
    return hosts.get(host, "openai_compatible")


def door(provider: str, base_url: str) -> str:
    """The root of the OpenAI-compatible door; empty where none is known. Addresses of a provider's own wire are set right."""
    name = canonical(provider)
    listed = PROVIDERS.get(name)
    base = base_url.rstrip("/") or (listed.base_url if listed else "")
    if name == "ollama" and base and not base.endswith("/v1"):
        return f"{base}/v1"
    if name == "gemini" and base.endswith(("/v1beta", "/v1")):
        return f"{base}/openai"
    return base


def speaks_openai(provider: str, base_url: str) -> bool:
    """Tell whether the provider's wire is OpenAI's."""
    return canonical(provider) not in OWN_WIRES and bool(door(provider, base_url))


def label(provider: str) -> str:
    """Return the name that people know, as it stands inside a sentence."""
    known = PROVIDERS.get(canonical(provider))
    return known.label if known else provider.replace("_", " ").title() or PROVIDERS["openai_compatible"].label


def subject(provider: str) -> str:
    """Return the name that people know, as it begins a sentence. Names keep their spelling (xAI, llama.cpp)."""
    name = label(provider)
    return f"T{name[1:]}" if name.startswith("the ") else name
