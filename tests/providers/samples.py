"""Answers for questions that carry no directive: varied Markdown, chosen by the question so that a repeat gives the same."""

import re
import zlib
from itertools import cycle, islice

_ANSWERS = {
    "plan": """## A quick plan for your weekend

Here is a plan that leaves room for rain:

1. **Saturday morning** – the market, before ten.
2. **Saturday afternoon** – a walk along the river, about 8 km.
3. **Sunday** – slow breakfast, then the museum.

| Stop | When | Cost |
| --- | --- | ---: |
| Market | 09:00 | €0 |
| River walk | 14:00 | €0 |
| Museum | 11:00 | €12 |

> If it rains on Saturday, swap the two days. The museum does not mind.

Shall I look up the opening times?
""",
    "code": """## Reading a file line by line

In Python the shortest way is to iterate over the open file:

```python
from pathlib import Path


def longest_line(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return max(lines, key=len, default="")
```

- The file is **never** read into memory as a whole.
- `default=""` answers the question for an empty file.
- Lines keep their `\\n`; call `.rstrip()` if that bothers you.

### What to watch for

A file in another encoding raises `UnicodeDecodeError`. Then name the encoding, or open it with `errors="replace"`.
""",
    "sky": """## Why the sky is blue

Sunlight is a mix of colours. Air molecules scatter short waves far more than long ones, by $1/\\lambda^4$:

- *Blue* (450 nm) is scattered about **four times** as much as *red* (650 nm).
- At sunset the light crosses more air, most blue is gone, and what is left looks red.

| Colour | Wavelength | Scattered, relative to red |
| --- | ---: | ---: |
| Red | 650 nm | 1.0 |
| Green | 530 nm | 2.3 |
| Blue | 450 nm | 4.4 |

So the sky is not blue because of the sea – it is the other way round. 🌍
""",
}
_PIECE = re.compile(r"\s*\S+|\s+$")
_THOUGHTS = _PIECE.findall("Let me think about what was really asked, and which of the possible answers helps most. ")


def pieces(text: str) -> list[str]:
    """The text cut into tokens: words with the white space before them."""
    return _PIECE.findall(text)


def answer(question: str, tokens: int = 0, sample: str = "") -> list[str]:
    """An answer to the question, or the sample of that name; with `tokens`, exactly so many pieces of one."""
    words = pieces(_ANSWERS[sample or list(_ANSWERS)[zlib.crc32(question.encode()) % len(_ANSWERS)]])
    return list(islice(cycle(words), tokens)) if tokens else words


def thoughts(tokens: int) -> list[str]:
    """So many pieces of reasoning."""
    return list(islice(cycle(_THOUGHTS), tokens))
