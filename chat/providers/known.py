"""The providers that Galaxy knows by name: what to call them, where they listen, and which variables hold their keys."""

import msgspec


class Known(msgspec.Struct, frozen=True):
    """One provider. `base_url` is the root of its OpenAI-compatible door; empty where it has none, or none fit for use."""

    label: str
    base_url: str = ""
    keys: tuple[str, ...] = ()


PROVIDERS = {
    "openai": Known("OpenAI", "https://api.openai.com/v1", ("OPENAI_API_KEY",)),
    "anthropic": Known("Anthropic", "", ("ANTHROPIC_API_KEY",)),
    "gemini": Known("Gemini", "", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
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
        "gemini",
        "huggingface",
        "ollama_chat",
        "replicate",
        "sagemaker",
        "vertex_ai",
        "watsonx",
    }
)
_ALIASES = {
    "google": "gemini",
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


def label(provider: str) -> str:
    """What people call it."""
    known = PROVIDERS.get(canonical(provider))
    return known.label if known else provider.replace("_", " ").title() or "The model's server"
