"""A model that takes no tools (`stand-in-plain`): it writes its calls into its text, as it was told or with usual mistakes."""

import re

NAME = "stand-in-plain"
_RESULTS = re.compile(r"<tool_result .*</tool_result>.*", re.DOTALL)


def takes_no_tools(model: str) -> bool:
    """Tell whether it is such a model."""
    return model.startswith(NAME)


def question(text: str) -> str:
    """The person's own words in a message that tells of results; empty where it has none."""
    return text if "[[" in text else _RESULTS.sub("", text)


def written(calls: list[tuple[str, str]], form: str) -> list[str]:
    """The text of these calls, in pieces that respect no border."""
    objects = [f'{{"tool": "{name}", "arguments": {arguments}}}' for name, arguments in calls]
    text = {
        "tag": "\n".join(f"<tool_call>{one}</tool_call>" for one in objects),
        "bare": "\n".join(objects),
        "fence": "".join(f"```json\n{one}\n```\n" for one in objects),
        "open": "Let me see.\n" + "\n".join(f"<tool_call>\n{one}" for one in objects),
        "thought": "".join(f"<think>Perhaps <tool_call>{one}</tool_call>?</think>" for one in objects) + "No tool is needed.",
        "invented": "".join(f"<tool_call>{one}</tool_call>\n<tool_result>Made up.</tool_result>\nDone." for one in objects),
    }[form]
    return [text[place : place + 3] for place in range(0, len(text), 3)] if calls else []
